import NIOCore
import Testing

@testable import Upstream

@Suite("The rest of a body")
struct BodyRestTests {
    private func text(_ pieces: [ByteBuffer]) -> String { pieces.map { String(buffer: $0) }.joined() }

    @Test("is sent as it is where its length is known")
    func length() {
        let rest = BodyRest(length: 3)
        #expect(text(rest.framed([ByteBuffer(string: "a"), ByteBuffer(), ByteBuffer(string: "bc")])) == "abc")
        #expect(rest.framed([ByteBuffer()]).isEmpty && rest.end.isEmpty)
    }

    @Test("is sent in chunks otherwise, none of which is empty but the last")
    func chunks() {
        let rest = BodyRest(length: nil)
        let long = ByteBuffer(repeating: UInt8(ascii: "x"), count: 26)
        #expect(text(rest.framed([ByteBuffer(string: "ab"), long])) == "1c\r\nab" + String(buffer: long) + "\r\n")
        #expect(rest.framed([]).isEmpty && rest.framed([ByteBuffer()]).isEmpty)
        #expect(text(rest.end) == "0\r\n\r\n")
    }
}
