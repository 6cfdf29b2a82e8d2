import SeededRandom
import Testing
import Text

@Suite("Text for the wire")
struct WireTextTests {
    private func text(_ body: (inout WireText) -> Void) -> String {
        var text = WireText(capacity: 64)
        body(&text)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("is its pieces one after the other, however many there are")
    func pieces() {
        let long = String(repeating: "é", count: 1_000)
        let written = text {
            $0.write("static ")
            $0.write(string: long)
            $0.write(" end")
        }
        #expect(written == "static \(long) end")
    }

    @Test("is empty after a reset, and can be written again")
    func reset() {
        let written = text {
            $0.write(string: String(repeating: "x", count: 10_000))
            $0.reset()
            $0.write("next")
        }
        #expect(written == "next")
    }

    @Test("has whole numbers in decimal", arguments: [0, 7, 10, -1, 571, Int64.max, Int64.min])
    func decimal(_ value: Int64) {
        #expect(text { $0.write(decimal: value) } == "\(value)")
    }

    @Test("has bytes in hexadecimal, whatever they are and however many")
    func hexadecimal() {
        var random = SeededGenerator(seed: 1)
        let all = Array(UInt8.min...UInt8.max)
        for count in 0...40 {
            let bytes = (0..<count).map { _ in all.randomElement(using: &random) ?? 0 }
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(text { text in bytes.withUnsafeBytes { text.write(hexadecimal: $0) } } == digits)
        }
        #expect(
            text { text in all.withUnsafeBytes { text.write(hexadecimal: $0) } }.hasPrefix("000102030405060708090a0b")
        )
    }
}
