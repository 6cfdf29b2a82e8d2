import Foundation
import Testing
import Text

@Suite("JSON literals")
struct JSONLiteralTests {
    @Test("Every scalar up to U+3000, alone and between others, is read back as it was by another reader")
    func roundTrip() throws {
        for value in UInt32(0)...0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(Character(scalar))b"
            let read = try JSONSerialization.jsonObject(with: Data("[\(text.jsonLiteral)]".utf8)) as? [String]
            #expect(read?.first?.unicodeScalars.map(\.value) == text.unicodeScalars.map(\.value))
        }
    }

    @Test("A literal never holds a line end or a control character")
    func oneLine() {
        let literal = "a\n\r\t\u{0}\u{1B}\u{7F}\u{85}\u{2028}\u{2029}".jsonLiteral
        #expect(literal == #""a\n\r\t\u0000\u001b\u007f\u0085\u2028\u2029""#)
    }

    @Test("A missing text is null")
    func null() {
        var text = "x:"
        text.appendJSON(nil)
        #expect(text == "x:null")
    }
}
