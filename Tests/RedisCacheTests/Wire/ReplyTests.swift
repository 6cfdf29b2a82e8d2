import Glibc
import PluginKit
import Testing

@testable import RedisCache

@Suite("A reply of the server")
struct ReplyTests {
    private static let stream =
        "+OK\r\n-ERR no\r\n:42\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n$1\r\na\r\n$-1\r\n*1\r\n:-7\r\n"

    private func read(_ chunks: [[UInt8]], _ expected: ExpectedReply = .listing) throws -> [String] {
        let reader = ReplyReader()
        var read: [String] = []
        for chunk in chunks {
            try reader.read(chunk, expected) { outcome in
                switch outcome {
                case .reply(let reply):
                    read.append(Self.spelled(reply))
                    reply.free()
                case .skipped: read.append("skipped")
                }
            }
        }
        return read
    }

    private static func spelled(_ reply: Reply) -> String {
        switch reply.kind {
        case .string: "\"\(reply.text ?? "")\""
        case .status: "+\(reply.text ?? "")"
        case .error: "-\(reply.text ?? "")"
        case .integer: "\(reply.integer ?? 0)"
        case .null: "nil"
        case .oversized: "too long: \(reply.oversizedLength ?? 0)"
        case .array: "[" + reply.items.map(spelled).joined(separator: ",") + "]"
        }
    }

    private static let expected = ["+OK", "-ERR no", "42", "\"hello\"", "\"\"", "nil", "nil", "[]", "[\"a\",nil,[-7]]"]

    @Test("is the same however the bytes are cut")
    func cuts() throws {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            #expect(try read([Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.expected)
        }
        #expect(try read(bytes.map { [$0] }) == Self.expected)
    }

    @Test("gives its values away without copying them")
    func taking() throws {
        let reply = try #require(try ReplyReader().first(Array("*2\r\n$3\r\nabc\r\n$3\r\ndef\r\n".utf8)))
        let value = try #require(reply.take(1))
        let address = value.bytes.baseAddress
        #expect(reply[1] == nil)
        #expect(reply.take(1) == nil)
        reply.free()
        #expect(value.text == "def")
        #expect(value.bytes.baseAddress == address)
        value.free()
    }

    @Test(
        "that is none is an error of the connection",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "\u{15}\u{3}\u{1}", "$x\r\n", "$-2\r\n", ":12a\r\n", "*1048577\r\n",
            "*-2\r\n?",
            "*99999999999999999999\r\n", "$9223372036854775807\r\nab\r\nx\r\n?",
            String(repeating: "*1\r\n", count: 20),
        ]
    )
    func malformed(text: String) {
        let result = Result { try read([Array(text.utf8), Array("\r\n".utf8)]) }
        switch result {
        case .failure(let error): #expect(error is ReplyReader.Refusal)
        case .success(let replies): #expect(replies.isEmpty, "\(replies)")
        }
    }

    @Test("that is longer than is wanted is skipped as it arrives, and the next one is read")
    func oversized() throws {
        let value = String(repeating: "v", count: 1_001)
        let bytes = Array("$1001\r\n\(value)\r\n$4\r\nnext\r\n".utf8)
        let expected = ExpectedReply(longestString: 1_000, allStrings: 1_000, parts: 1)
        for size in [1, 7, 1_009, bytes.count] {
            let chunks = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(try read(chunks, expected) == ["too long: 1001", "\"next\""])
        }
        let many = Array("*3\r\n$600\r\n\(value.prefix(600))\r\n$600\r\n\(value.prefix(600))\r\n$3\r\nabc\r\n".utf8)
        #expect(
            try read([many], ExpectedReply(longestString: 1_000, allStrings: 1_000, parts: 4))
                == ["[\"\(value.prefix(600))\",too long: 600,\"abc\"]"],
            "all together may not be longer either"
        )
    }

    @Test("that nobody waits for is skipped, from its beginning or from the middle of it")
    func skipping() throws {
        var unwanted = ExpectedReply.listing
        unwanted.isWanted = false
        let bytes = Array("*3\r\n$5\r\nhello\r\n:1\r\n*2\r\n+OK\r\n$2\r\nhi\r\n".utf8)
        #expect(try read([bytes], unwanted) == ["skipped"])
        for cut in 1..<bytes.count {
            let reader = ReplyReader()
            var outcomes: [String] = []
            let note: (ReplyReader.Outcome) -> Void = { if case .skipped = $0 { outcomes.append("skipped") } }
            try reader.read(Array(bytes[..<cut]), .listing, note)
            reader.abandon()
            try reader.read(Array(bytes[cut...]), .listing, note)
            #expect(outcomes == ["skipped"], "cut after \(cut) bytes")
        }
    }

    @Test(
        "that could not be kept is refused before any of it is",
        arguments: [
            ("$524288000\r\n", true), ("*2\r\n$67108865\r\n", true), ("*2\r\n", false), ("*1\r\n*1\r\n:1\r\n", false),
            ("+" + String(repeating: "x", count: 17_000), false), (":" + String(repeating: "1", count: 17_000), false),
            (String(repeating: "*1\r\n", count: 9), false),
        ]
    )
    func refused(text: String, isOversized: Bool) throws {
        let expected = ExpectedReply(longestString: 1_000, allStrings: 1_000, parts: text.hasPrefix("*2\r\n$") ? 3 : 1)
        let wide = ExpectedReply(longestString: 1_000, allStrings: 1_000, parts: 100)
        let refusal = #expect(throws: ReplyReader.Refusal.self) {
            try read([Array(text.utf8)], text.hasPrefix("*1\r\n*1\r\n*1") ? wide : expected)
        }
        #expect(refusal?.isOversized == isOversized)
    }

    @Test("never traps and never leaks into another, whatever the bytes")
    func fuzz() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let valid = Array(Self.stream.utf8)
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0...random(4) {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(truncatingIfNeeded: random(256))
                case 1: bytes.remove(at: random(bytes.count))
                default: bytes.insert(Array("$*:+-\r\n019".utf8)[random(10)], at: random(bytes.count))
                }
            }
            _ = try? read([bytes])
        }
    }
}

@Suite("An error of the server")
struct ServerErrorTests {
    @Test(
        "is taken for what it is",
        arguments: [
            ("MOVED 3999 127.0.0.1:6381", .moved(slot: 3999, to: .tcp(host: "127.0.0.1", port: 6381))),
            ("MOVED 3999 :6381", .moved(slot: 3999, to: .tcp(host: "asked", port: 6381))),
            ("MOVED 3999 ?:6381", .moved(slot: 3999, to: .tcp(host: "asked", port: 6381))),
            ("MOVED 1 fe80::1:6381", .moved(slot: 1, to: .tcp(host: "fe80::1", port: 6381))),
            ("MOVED 3999 nonsense", .moved(slot: 3999, to: nil)), ("MOVED 16384 a:1", .other), ("MOVED", .other),
            ("ASK 7 h:1", .ask(slot: 7, to: .tcp(host: "h", port: 1))),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain),
            ("CLUSTERDOWN The cluster is down", .clusterDown), ("CLUSTERDOWN Hash slot not served", .slotNotServed),
            ("MOVED 1 \u{301}:1", .other),
            ("MOVED 1 \(String(repeating: "a", count: 256)):1", .moved(slot: 1, to: nil)),
            ("LOADING Redis is loading", .notReady),
            ("MASTERDOWN Link with MASTER is down", .notReady), ("READONLY You can't write", .readOnly),
            ("OOM command not allowed", .outOfMemory), ("NOAUTH Authentication required.", .unauthorized),
            ("WRONGPASS invalid username-password pair", .unauthorized), ("NOPERM this user", .unauthorized),
            ("ERR invalid password", .unauthorized), ("WRONGTYPE Operation against", .wrongType),
            ("ERR unknown command 'UNLINK'", .unknownCommand), ("ERR whatever", .other), ("", .other),
        ] as [(String, ServerError)]
    )
    func meaning(text: String, error: ServerError) {
        #expect(ServerError(text, asked: .tcp(host: "asked", port: 1)) == error)
    }

    @Test("is an outage, or not, as the breaker should see it")
    func statuses() {
        #expect(ServerError.unauthorized.status == .unauthorized)
        #expect(ServerError.outOfMemory.status == .full)
        #expect(ServerError.wrongType.status == .corrupt)
        for error in [ServerError.tryAgain, .clusterDown, .notReady, .readOnly, .moved(slot: 1, to: nil)] {
            #expect(error.status == .unavailable)
        }
    }
}

@Suite("Encoded commands")
struct OutputBufferTests {
    @Test("are encoded as arrays of bulk strings, and sent in whatever pieces go")
    func encoding() {
        var output = OutputBuffer()
        output.command(3)
        output.argument("SET" as StaticString)
        output.argument("clé")
        output.argument(count: 12) { output in
            Array("hello ".utf8).withUnsafeBytes { output.append($0) }
            Array("world!".utf8).withUnsafeBytes { output.append($0) }
        }
        output.command(1)
        output.argument(UInt64.max)
        let expected = "*3\r\n$3\r\nSET\r\n$4\r\nclé\r\n$12\r\nhello world!\r\n*1\r\n$20\r\n18446744073709551615\r\n"
        #expect(output.count == expected.utf8.count)
        var sent: [UInt8] = []
        while !output.isEmpty {
            output.send { bytes in
                sent += bytes.prefix(5)
                return min(5, bytes.count)
            }
        }
        #expect(String(decoding: sent, as: UTF8.self) == expected)
        output.command(1)
        output.clear()
        #expect(output.isEmpty)
    }
}
