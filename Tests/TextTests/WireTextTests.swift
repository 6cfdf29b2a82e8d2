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

    @Test(
        "has numbers as sixteen hexadecimal digits",
        arguments: [(0, "0000000000000000"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"), (.max, "ffffffffffffffff")]
            as [(UInt64, String)]
    )
    func hexadecimal(_ number: UInt64, digits: String) {
        #expect(text { $0.write(hexadecimal: number) } == digits)
    }
}
