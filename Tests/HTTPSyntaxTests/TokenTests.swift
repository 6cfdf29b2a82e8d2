import HTTPSyntax
import Testing

@Suite("Tokens")
struct TokenTests {
    @Test("A byte belongs to a token exactly if RFC 9110 lists it")
    func bytes() {
        let listed = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max { #expect(Token.contains(byte) == listed.contains(byte), "\(byte)") }
    }

    @Test("A text is a token if it is not empty and all of its bytes belong to one")
    func texts() {
        #expect(Token.isToken("x-request-id"))
        for text in ["", "a b", "a:", "ä", "a\r\n", "a\0"] { #expect(!Token.isToken(text), "\(text)") }
    }

    @Test("A media type has a type, a subtype, and no line break anywhere")
    func mediaTypes() {
        for text in ["application/json", "text/event-stream; charset=utf-8", "a/b", "a/b ;c=\"d\""] {
            #expect(MediaType.isWellFormed(text), "\(text)")
        }
        let long = String(repeating: "a", count: 300) + "/b"
        let broken = ["", "json", "a/", "/b", "a/b\r\nx: y", "a/b; c=\n", "a/b c", "a/ä", long]
        for text in broken { #expect(!MediaType.isWellFormed(text), "\(text)") }
    }
}
