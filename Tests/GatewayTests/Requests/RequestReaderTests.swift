import HTTPSyntax
import NIOCore
import NIOEmbedded
import NIOHTTP1
import SeededRandom
import Testing

@testable import Gateway

/// NIO's decoder is the oracle: whatever the bytes and however they are divided, the gateway reads what it accepts as
/// NIO does, and refuses what NIO refuses. It refuses more, as `docs/decisions/0016` says.
@Suite("The reader of requests")
struct RequestReaderTests {
    /// A textual record of what was read.
    private struct Trace {
        var lines: [String] = []
        private var body: [UInt8] = []

        /// NIO has made text of it, in which bytes that are none are replaced.
        private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

        /// - Returns: whether there may be more to read.
        mutating func receive(_ step: RequestReader.Step) -> Bool {
            switch step {
            case .head(let head):
                let fields = head.fields
                lines.append(
                    "\(head.method) \(head.target) \(String(describing: head.route)) 1.0: \(head.isHTTP10) "
                        + "keeps: \(head.keepsAlive) chunked: \(head.isChunked) \(text(fields.authorization ?? [])) "
                        + "\(fields.keys) \(fields.cacheControl) \(text(fields.forwarded.lines)) \(fields.keyedValues) "
                        + "\(fields.contentLength ?? -1) \(fields.contentEncoding ?? "-") \(fields.expectsContinue)"
                )
            case .body(let bytes): body += bytes.readableBytesView
            case .end:
                lines.append("body \(body)")
                body = []
            case .needsMore: return false
            case .malformed:
                lines.append("error")
                return false
            }
            return true
        }
    }

    /// Records what NIO's decoder reads.
    private final class Oracle: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        var trace = Trace()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): _ = trace.receive(.head(RequestHead(head)))
            case .body(let bytes): _ = trace.receive(.body(bytes))
            case .end: _ = trace.receive(.end)
            }
        }
    }

    private func read(_ pieces: [ArraySlice<UInt8>], limits: RequestReader.Limits = .init()) -> [String] {
        var trace = Trace()
        var reader = RequestReader(limits: limits, Served.routes)
        for piece in pieces {
            reader.receive(ByteBuffer(bytes: piece))
            while trace.receive(reader.next()) {}
            if trace.lines.last == "error" { break }
        }
        return trace.lines
    }

    private func expected(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        let oracle = Oracle()
        let channel = EmbeddedChannel()
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = RequestReader.Limits().fieldBytes
        limits.maxHeaderListSize = RequestReader.Limits().headBytes
        limits.maxHeaderFieldCount = RequestReader.Limits().fieldCount
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(decoder), oracle])
        for piece in pieces {
            do {
                try channel.writeInbound(ByteBuffer(bytes: piece))
            } catch {
                // Nothing counts after an error, since the connection refuses and ends.
                return oracle.trace.lines + ["error"]
            }
        }
        return oracle.trace.lines
    }

    /// The lines up to the end of the first request that ends the connection, because nothing after it is read.
    private func untilClose(_ lines: [String]) -> [String] {
        guard let last = lines.firstIndex(where: { $0.contains(" keeps: false ") }) else { return lines }
        return Array(lines.prefix(last + 2))
    }

    /// Compares both.
    /// - Returns: whether the gateway read all of it.
    private func compare(_ pieces: [ArraySlice<UInt8>]) throws -> Bool {
        let (found, wanted) = (untilClose(read(pieces)), untilClose(try expected(pieces)))
        let text = pieces.map { String(decoding: $0, as: UTF8.self) }
        // Methods that NIO does not know are answered with 404 or 405, and lengths beyond 64 bits with 413.
        if wanted.last == "error", let more = found.dropFirst(wanted.count - 1).first,
            more.hasPrefix("RAW") || more.contains(" \(Int.max) ")
        {
            return false
        }
        guard found.last == "error" else {
            // The gateway reads no head before its end, while NIO's decoder detects a malformed one sooner.
            #expect(found == wanted || found + ["error"] == wanted, "\(text)")
            return found.count > 1
        }
        #expect(wanted.starts(with: found.dropLast()), "\(text)")
        return false
    }

    private static let usual =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "User-Agent: OpenAI/Python 3\r\nAuthorization: Bearer sk\r\nX-Request-ID: 7\r\nConnection: keep-alive\r\n"
        + "Content-Length: 9\r\n\r\n{\"a\":\"b\"}"

    @Test("reads the usual request as NIO's decoder does, wherever it is cut")
    func cuts() throws {
        let bytes = Array((Self.usual + Self.usual).utf8)
        let whole = try expected([bytes[...]])
        #expect(whole.count == 4)
        for cut in 0...bytes.count {
            #expect(read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test("reads the usual request without the general reader, and again after one that is unusual")
    func byItself() throws {
        let outcome = Array(Self.usual.utf8).withUnsafeBytes { PlainRequestHead.read($0, Served.routes) }
        guard case .head(let head, _) = outcome else { return #expect(Bool(false), "not plain") }
        #expect(head.fields.contentLength == 9)
        let unusual = Self.usual.replacing("HTTP/1.1", with: "HTTP/1.0")
        let bytes = Array((Self.usual + unusual.replacing("keep-alive", with: "close, keep-alive") + Self.usual).utf8)
        #expect(read([bytes[...]]).count == 6)
    }

    @Test("reads a request that drips in, looking at each byte a bounded number of times")
    func drips() throws {
        let bytes = Array(Self.usual.utf8)
        let pieces = bytes.indices.map { bytes[$0...$0] }
        #expect(try read(pieces) == expected(pieces))
    }

    private static func post(_ fields: String, _ body: String) -> [UInt8] {
        Array("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)".utf8)
    }

    @Test("reads a chunked body wherever it is cut, with extensions and trailer fields, and the request behind it")
    func chunks() throws {
        let body = "4;a=b\r\nWiki\r\n05;c=\"d\"\r\npedia\r\n0\r\nX: y\r\n\r\n"
        let bytes = Self.post("Transfer-Encoding: Chunked", body) + Array(Self.usual.utf8)
        let whole = try expected([bytes[...]])
        #expect(whole.count == 4 && whole[1] == "body \(Array("Wikipedia".utf8))")
        for cut in 0...bytes.count { #expect(read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
        #expect(read(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    @Test("keeps of a chunked body nothing but what was not asked for")
    func chunksAreNotKept() {
        var reader = RequestReader(limits: .init(), Served.routes)
        reader.receive(ByteBuffer(bytes: Self.post("Transfer-Encoding: chunked", "")))
        let piece = ByteBuffer(string: "3e8\r\n" + String(repeating: "x", count: 1_000) + "\r\n3e8\r")
        reader.receive(piece)
        var received = 0
        for _ in 0..<1_000 {
            reading: while true {
                switch reader.next() {
                case .body(let bytes): received += bytes.readableBytes
                case .head: continue
                case .end, .needsMore, .malformed: break reading
                }
            }
            #expect(reader.unreadBytes < 10)
            reader.receive(ByteBuffer(string: "\n" + String(repeating: "x", count: 1_000) + "\r\n3e8\r"))
        }
        #expect(received > 900_000)
    }

    @Test(
        "refuses chunked bodies that could be read in two ways",
        arguments: [
            "x\r\n", "-1\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n", "5 x\r\nhello\r\n0\r\n\r\n", "\r\nhello", " 5\r\nhello\r\n0\r\n\r\n",
            "fffffffffffffffff\r\n", "0\r\nno colon\r\n\r\n", "0\r\n: no name\r\n\r\n", "0\r\n folded: x\r\n\r\n",
            "5;a=\u{1}\r\nhello\r\n0\r\n\r\n", "0\r\nA: b\n\r\n", "5;" + String(repeating: "a", count: 2_000),
            "0\r\n" + String(repeating: "a: b\r\n", count: 2_000),
        ]
    )
    func badChunks(body: String) {
        #expect(read([Self.post("Transfer-Encoding: chunked", body)[...]]).last == "error")
    }

    @Test("refuses a head that is too long, has too long a field, or too many, before it is complete")
    func limits() {
        let start = "GET /x HTTP/1.1\r\nHost: a\r\n"
        let many = start + String(repeating: "a: b\r\n", count: 100) + "\r\n"
        let long = start + "a: " + String(repeating: "b", count: 17_000) + "\r\n\r\n"
        let endless = start + String(repeating: "a", count: 33_000)
        let target = "GET /" + String(repeating: "a", count: 17_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"
        for text in [many, long, endless, target] {
            var reader = RequestReader(limits: .init(), Served.routes)
            reader.receive(ByteBuffer(string: text))
            guard case .malformed(.headTooLarge) = reader.next() else {
                return #expect(Bool(false), "\(text.prefix(99))")
            }
            #expect(APIError.malformed(.headTooLarge, bodyLimit: 1).status == 431)
        }
    }

    @Test("reads a target in absolute form as its path, with the query")
    func absoluteForm() {
        for (target, path) in [
            ("http://a/v1/models?x=1", "/v1/models?x=1"), ("HTTPS://[::1]:8000/v1/models", "/v1/models"),
            ("http://a:80", "/"), ("http://a?x", "/?x"),
        ] {
            let lines = read([Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...]])
            #expect(lines.first?.hasPrefix("GET \(path) ") == true, "\(lines)")
        }
    }

    private static let odd = [
        "Transfer-Encoding: chunked", "transfer-encoding: gzip, chunked", "Content-Length: 3", "Content-Length: 03",
        "Content-Length: +3", "Content-Length: 3, 3", "Content-Length: ", "Content-Length: 99999999999999999999",
        "Connection: close", "Connection: keep-alive, te", "CONNECTION: KEEP-ALIVE",
        "Host: b", "Host: a,b", "Host: [::1]:80",
        "Expect: 100-continue", "Keep-Alive: timeout=5", "Cache-Control: no-cache",
        "Cache-Control:no-store ", "OpenAI-Beta: a", "openai-beta:b", "api-key:\tx", "X-API-Key: ké",
        "Content-Encoding: gzip",
        "Content-Encoding: Identity", "Accept : */*", " folded", "No colon", ": no name", "Bad(name: x", "Empty:",
        "Empty:   ",
        "Bell: \u{7}", "Delete: \u{7F}", "Delete: 123456789\u{7F}123456789", "High: 123456789é123456789",
        "Content-Length: 1:",
        "Bell: 123456789\u{7}123456789", "tracestate: a=b", "Idempotency-Key: k", "Trailer: x", "TE: trailers",
    ]
    private static let lines = [
        "POST /v1/chat/completions HTTP/1.1", "POST /v1/embeddings HTTP/1.1", "GET /v1/models HTTP/1.1",
        "GET /health/liveliness HTTP/1.1", "POST /v1/chat/completions HTTP/1.0", "POST /v1/chat/completions HTTP/2.0",
        "POST  /v1/chat/completions HTTP/1.1", "POST /v1/chat/completions?x=1 HTTP/1.1", "post /v1/embeddings HTTP/1.1",
        "HEAD /v1/models HTTP/1.1", "PRI * HTTP/2.0", "", "POST /v1/chat/completions",
    ]
    private static let ends = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n"]

    private func message(_ random: inout SeededGenerator) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if Bool.random(using: &random) {
                text += Self.usual
                continue
            }
            let isTidy = Bool.random(using: &random)
            let ends = isTidy ? ["\r\n"] : Self.ends
            text += (Self.lines.randomElement(using: &random) ?? "") + (ends.randomElement(using: &random) ?? "")
            if random.chance(80) { text += "Host: a.b:1" + (ends.randomElement(using: &random) ?? "") }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                text += (Self.odd.randomElement(using: &random) ?? "") + (ends.randomElement(using: &random) ?? "")
            }
            text += ["Content-Length: 5\r\n", "", "transfer-encoding: chunked\r\n"].randomElement(using: &random) ?? ""
            text += ends.randomElement(using: &random) ?? ""
            text += (["hello", "", "5\r\nhello\r\n0\r\n\r\n", "hell"].randomElement(using: &random) ?? "")
        }
        return random.chance(33) ? random.mutated(Array(text.utf8)) : Array(text.utf8)
    }

    @Test("reads whatever the bytes are as NIO's decoder does, or refuses them", arguments: 0..<4)
    func differential(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var complete = 0
        for round in 0..<1_000 {
            // Other tests wait for their answers meanwhile.
            if round.isMultiple(of: 20) { await Task.yield() }
            let bytes = message(&random)
            if try compare(random.pieces(of: bytes)) { complete += 1 }
        }
        #expect(complete > 200, "much of what is made up is read")
    }
}
