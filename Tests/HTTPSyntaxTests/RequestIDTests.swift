import HTTPSyntax
import Testing
import Text

@Suite("The name of a request")
struct RequestIDTests {
    private func written(_ id: RequestID) -> String {
        var text = WireText(capacity: 64)
        id.write(to: &text)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "is the client's where it has nothing but visible ASCII, up to 128 bytes",
        arguments: ["a", "req_1-2.3:4/5", "~"]
    )
    func client(name: String) throws {
        let id = try #require(RequestID(client: name))
        #expect(id == .client(name))
        #expect(written(id) == name && id.description == name)
        #expect(RequestID(client: String(repeating: "x", count: 128)) != nil)
    }

    @Test(
        "is not the client's where that is empty, too long, or would not be fit for a log or a header",
        arguments: ["", "a b", "a\tb", "a\r\nb", "\u{7F}", "é", "e\u{301}", String(repeating: "x", count: 129)]
    )
    func unfit(name: String) {
        #expect(RequestID(client: name) == nil)
    }

    @Test(
        "is written as 16 hexadecimal digits where it is the gateway's own",
        arguments: [
            (0x0123_4567_89AB_CDEF, "0123456789abcdef"), (0, "0000000000000000"), (1, "0000000000000001"),
            (UInt64.max, "ffffffffffffffff"),
        ]
    )
    func own(number: UInt64, text: String) {
        #expect(written(.own(number)) == text)
        #expect(RequestID.own(number).description == text)
    }
}
