import JSON
import NIOCore
import Testing

@Suite struct JSONReadingTests {
    @Test("Values read as what they are, and as nothing else") func values() throws {
        let body = try document(
            #"{"s":"a\u00e9\n\ud83d\ude00","i":30e-1,"d":1.5,"t":true,"f":false,"n":null,"a":[1,[2],3],"o":{}}"#
        )
        let root = try #require(body.root)
        func member(_ name: StaticString) throws -> JSONNode { try #require(body.member(name, of: root)) }
        #expect(body.string(try member("s")) == "a\u{E9}\n\u{1F600}")
        #expect(body.int64(try member("i")) == 3)
        #expect(body.int64(try member("d")) == nil)
        #expect(body.double(try member("d")) == 1.5)
        #expect(body.bool(try member("t")) == true)
        #expect(body.bool(try member("f")) == false)
        #expect(body.kind(of: try member("n")) == .null)
        #expect(body.elements(of: try member("a")).map { body.kind(of: $0) } == [.number, .array, .number])
        #expect(Array(body.elements(of: try member("o"))).isEmpty)
        #expect(body.members(of: root).map { body.string($0.name) } == ["s", "i", "d", "t", "f", "n", "a", "o"])
        #expect(body.member("missing", of: root) == nil)
        #expect(body.string(try member("i")) == nil)
        #expect(body.int64(try member("s")) == nil)
        #expect(body.bool(try member("n")) == nil)
        #expect(body.double(try member("t")) == nil)
        #expect(body.member("s", of: try member("a")) == nil)
    }

    @Test("A member is found by its decoded name") func decodedName() throws {
        let body = try document(#"{"\u006dodel":1}"#)
        #expect(body.member("model", of: try #require(body.root)) != nil)
    }

    @Test(
        "Whole numbers of 64 bits are exact to their ends",
        arguments: [
            ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("9007199254740993", 9_007_199_254_740_993), ("-0", 0),
            ("0e999999999999999999999", 0),
            ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("0.00001e5", 1), ("12.50", nil), ("12.0", 12),
            ("1e-1", nil),
            ("10000000000000000000000e-22", 1), ("1e99999999999999999999", nil), ("-120e-1", -12),
            ("99999999999999999999", nil),
        ] as [(String, Int64?)]
    )
    func int64(text: String, value: Int64?) throws {
        let body = try document(text)
        #expect(body.int64(try #require(body.root)) == value)
    }

    @Test("A double beyond every finite value is none") func double() throws {
        let body = try document("[1e400,-1e400,1e-400,0.1,1e20]")
        let values = body.elements(of: try #require(body.root)).map { body.double($0) }
        #expect(values == [nil, nil, 0, 0.1, 1e20])
    }

    @Test("A handle of an earlier body reads as nothing") func staleHandles() throws {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: #"{"secret":"of one tenant"}"#))
        let old = try #require(document.root)
        let members = document.members(of: old)
        try document.parse(ByteBuffer(string: #"{"secret":"of another"}"#))
        #expect(document.kind(of: old) == nil && document.byteRange(of: old) == nil)
        #expect(document.member("secret", of: old) == nil && Array(members).isEmpty)
        document.reset()
        #expect(document.root == nil && document.nodeCount == 0)
    }

    @Test("Offsets count from the buffer's reader index") func readerIndex() throws {
        var buffer = ByteBuffer(string: "skipped[true]rest")
        buffer.moveReaderIndex(forwardBy: 7)
        buffer.moveWriterIndex(to: 13)
        let document = JSONDocument()
        try document.parse(buffer)
        #expect(document.byteRange(of: try #require(document.root)) == 0..<6)
    }
}
