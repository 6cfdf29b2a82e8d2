import SeededRandom
import Testing
import Text

@Suite("Hexadecimal digits")
struct HexadecimalTests {
    @Test("are two for each byte, whatever the bytes are and however many")
    func bytes() {
        var random = SeededGenerator(seed: 1)
        for count in 0...40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            var text = [UInt8](repeating: 0, count: 2 * count)
            bytes.withUnsafeBytes { bytes in
                text.withUnsafeMutableBytes { text in
                    if let base = text.baseAddress { Hexadecimal.write(bytes, to: base) }
                }
            }
            #expect(String(decoding: text, as: UTF8.self) == digits)
        }
    }
}
