import Foundation
import Testing

/// A process that can write to the backend is not trusted beyond that.
@Suite("Entries that somebody else has written", .timeLimit(.minutes(2)))
struct UntrustedEntryTests {
    private static let firstKey = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
    private static let secondKey = String(repeating: "0f", count: 32)

    private func redis(_ server: RedisServer, keys: [String] = []) -> String {
        let parameters = keys.isEmpty ? "" : "entry_keys: [\(keys.map { "\"\($0)\"" }.joined(separator: ", "))]"
        return Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)\n\(parameters)")
    }

    // MARK: Reading and writing the backend

    private func read(_ key: String, _ server: RedisServer) async throws -> [UInt8] {
        let script =
            "return (string.gsub(redis.call('GET', KEYS[1]), '.', function(c) return string.format('%02x', string.byte(c)) end))"
        let digits = Array(try await server("EVAL", script, "1", key).utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }

    private func write(_ bytes: [UInt8], _ key: String, _ server: RedisServer) async throws {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let script =
            "return redis.call('SET', KEYS[1], (string.gsub(ARGV[1], '..', function(h) return string.char(tonumber(h, 16)) end)))"
        try await server("EVAL", script, "1", key, digits)
    }

    /// The header before an entry's body, as `EntryHeader` describes it.
    private enum Layout {
        static let status = 6
        static let checksum = 88
        static let contentType = 96
    }

    /// An entry with other bytes, and a checksum that matches them, which anybody can compute.
    private func forged(_ entry: [UInt8], _ changes: [Int: [UInt8]]) -> [UInt8] {
        var entry = entry
        for (offset, bytes) in changes { entry.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        let checksum = Self.checksum(Array(entry[..<Layout.checksum]) + Array(entry[Layout.contentType...]))
        entry.replaceSubrange(
            Layout.checksum..<Layout.contentType,
            with: withUnsafeBytes(of: checksum.littleEndian, Array.init)
        )
        return entry
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func mix(_ word: UInt64) {
            let product = (state ^ word) &* 0xFF51_AFD7_ED55_8CCD
            state = (product << 29 | product >> 35) &+ 0xC4CE_B9FE_1A85_EC53
        }
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
        }
        let whole = bytes.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) { mix(word(bytes[start..<start + 8])) }
        mix(word(bytes[whole...]))
        mix(UInt64(bytes.count))
        var value = state
        value ^= value >> 32
        value = value &* 0xD6E8_FEB8_6659_FD93
        value ^= value >> 32
        return value
    }

    /// Requests an answer and returns its entry, with the key of the entry.
    private func stored(_ question: String, _ gateway: GatewayProcess, _ server: RedisServer) async throws -> (
        String, [UInt8]
    ) {
        let before = Set(try await server.keys)
        _ = try await gateway.chat(question)
        var new: Set<String> = []
        try await eventually("the entry is stored") {
            new = Set(try await server.keys).subtracting(before)
            return !new.isEmpty
        }
        let key = try #require(new.first)
        return (key, try await read(key, server))
    }

    // MARK: Without keys

    @Test("A forged status or content type is not served, although the entry is whole")
    func forgedHead() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server)) { gateway, upstream async throws in
            try await gateway.cacheIsReady()
            let (key, entry) = try await stored("hello", gateway, server)
            let type = "application/json"
            #expect(Array(entry[Layout.contentType..<Layout.contentType + type.utf8.count]) == Array(type.utf8))
            // The forgery itself works, because another body is served.
            try await write(forged(entry, [entry.count - 1: Array(" ".utf8)]), key, server)
            #expect(try await gateway.chat("hello").isHit)

            let split = Array("a/b\r\nx-evil: 123".utf8)
            try #require(split.count == type.utf8.count)
            let forgeries: [String: [Int: [UInt8]]] = [
                "status 500": [Layout.status: [0xF4, 0x01]], "status 302": [Layout.status: [0x2E, 0x01]],
                "status 0": [Layout.status: [0, 0]], "a line break in the content type": [Layout.contentType: split],
                "a control character in it": [Layout.contentType: [0]],
                "no content type at all": [Layout.contentType: Array("0123456789abcdef".utf8)],
            ]
            for (what, changes) in forgeries {
                try await write(forged(entry, changes), key, server)
                let answer = try await gateway.chat("hello")
                #expect(answer.status == 200, "\(what)")
                #expect(!answer.isHit, "\(what)")
                #expect(answer["x-evil"] == nil && answer["content-type"] == "application/json", "\(what)")
                #expect(answer.cacheStatus.contains("entry-implausible"), "\(what): \(answer.cacheStatus)")
                try await eventually("the true answer is stored again") { try await gateway.chat("hello").isHit }
            }
            #expect(upstream.calls == 1 + forgeries.count)
        }
    }

    // MARK: With keys

    @Test("With keys the backend sees nothing of an answer, and nothing that it makes up is served")
    func sealed() async throws {
        let server = try await RedisServer.start()
        let plain = try await RedisServer.start()
        var unsealed: [UInt8] = []
        try await withGateway(redis(plain)) { gateway, _ async throws in
            try await gateway.cacheIsReady()
            unsealed = try await stored("question one", gateway, plain).1
        }
        try await withGateway(redis(server, keys: [Self.firstKey])) { gateway, upstream async throws in
            upstream.answer(Load.upstream)
            try await gateway.cacheIsReady()
            let (key, entry) = try await stored("question one", gateway, server)
            let (_, other) = try await stored("question two", gateway, server)
            let hit = try await gateway.chat("question one")
            #expect(hit.isHit && hit.content?.hasPrefix("answer to question one;") == true)
            for word in ["answer", "question", "application/json", "choices"] {
                #expect(!String(decoding: entry, as: UTF8.self).contains(word), "\(word) can be read")
            }

            var flipped = entry
            flipped[entry.count / 2] ^= 1
            let attempts: [(what: String, bytes: [UInt8], detail: String)] = [
                ("an entry that was not sealed", unsealed, "entry-unsealed"),
                ("one byte changed", flipped, "entry-forged"),
                ("the entry of another question", other, "entry-forged"),
                ("a shorter one", Array(entry.dropLast()), "entry-forged"),
                ("text", Array("nonsense".utf8), "entry-truncated"),
            ]
            for (what, bytes, detail) in attempts {
                let calls = upstream.calls
                try await write(bytes, key, server)
                let answer = try await gateway.chat("question one")
                #expect(answer.content?.hasPrefix("answer to question one;") == true, "\(what)")
                #expect(!answer.isHit && answer.cacheStatus.contains(detail), "\(what): \(answer.cacheStatus)")
                #expect(upstream.calls == calls + 1, "\(what)")
                try await eventually("the true answer is stored again") { try await gateway.chat("question one").isHit }
            }
            #expect(!gateway.log.contains(Self.firstKey))
        }
    }

    @Test("Streams and embeddings are sealed as well")
    func kinds() async throws {
        let server = try await RedisServer.start()
        try await withGateway(redis(server, keys: [Self.secondKey])) { gateway, upstream async throws in
            try await gateway.cacheIsReady()
            let chunk = #"{"choices":[{"index":0,"delta":{"content":"secret"},"finish_reason":"stop"}]}"#
            upstream.answer(
                with: Answer(
                    headers: [("content-type", "text/event-stream")],
                    body: .bytes(Array("data: \(chunk)\n\ndata: [DONE]\n\n".utf8))
                )
            )
            let first = try await gateway.chat("hello", #""stream":true"#)
            try await eventually("it is stored") {
                let hit = try await gateway.chat("hello", #""stream":true"#)
                #expect(hit.body == first.body)
                return hit.isHit
            }
            #expect(try await gateway.chat("hello").content == "secret", "and told in one piece")
            upstream.answer(Answer.standard)
            let inputs = ["one", "two", "three"]
            _ = try await gateway.embed(inputs)
            try await gateway.hasEmbeddings(inputs)
            #expect(try await gateway.embed(inputs).json["data"].array.count == inputs.count)
            for key in try await server.keys {
                let entry = String(decoding: try await read(key, server), as: UTF8.self)
                #expect(!entry.contains("secret") && !entry.contains("embedding"))
            }
        }
    }

    @Test("Keys are rotated by restarts: the first one writes, all are read")
    func rotation() async throws {
        let server = try await RedisServer.start()
        let (first, second) = (Self.firstKey, Self.secondKey)
        // All runs share one upstream, whose address is part of the cache key.
        let upstream = try await RecordingUpstream.start(Load.upstream)
        func isHit(_ question: String, _ keys: [String]) async throws -> Bool {
            let configuration = redis(server, keys: keys).replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            let gateway = try await GatewayProcess.start(configuration)
            try await gateway.cacheIsReady()
            let calls = upstream.calls
            let answer = try await gateway.chat(question)
            #expect(answer.content?.hasPrefix("answer to \(question);") == true)
            #expect(upstream.calls == calls + (answer.isHit ? 0 : 1))
            if !answer.isHit { try await eventually("it is stored") { try await gateway.chat(question).isHit } }
            gateway.terminate()
            #expect(try await gateway.status == 0)
            return answer.isHit
        }
        #expect(try await !isHit("question old", [first]))
        #expect(try await isHit("question old", [first, second]), "every gateway learns the new key first")
        #expect(try await isHit("question old", [second, first]), "then it is written with")
        #expect(try await !isHit("question new", [second, first]))
        #expect(try await isHit("question new", [second]), "and at last the old one goes")
        #expect(try await !isHit("question old", [second]))
    }

    @Test("An invalid key is an error of the configuration that does not show it")
    func wrongKey() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Configurations.cached("type: local\nentry_keys: [swordfish]"), to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path]
        )
        #expect(result.status != 0)
        let output = result.standardOutput + result.standardError
        #expect(output.contains("key 1 of 'entry_keys'") && output.contains("openssl rand -base64 32"), "\(output)")
        #expect(!output.contains("swordfish"))
    }
}
