import NIOCore
import NIOEmbedded
import NIOHTTP1
import SeededRandom
import Testing

@testable import Gateway

/// NIO's decoder is the oracle: whatever the bytes, and however they are cut, both read the same of them.
@Suite("The reader of requests")
struct RequestReaderTests {
    private let limits = ServerLimits().decoder

    /// What was read, in words.
    private final class Trace: RequestReceiver {
        var lines: [String] = []
        private var body: [UInt8] = []

        func receive(_ part: RequestPart) {
            switch part {
            case .head(let head):
                let fields = head.fields
                lines.append(
                    "\(head.method) \(head.target) \(String(describing: head.route)) 1.0: \(head.isHTTP10) "
                        + "keeps: \(head.keepsAlive) chunked: \(head.isChunked) \(fields.authorization ?? "-") "
                        + "\(fields.apiKey ?? "-") \(fields.cacheControl) \(fields.forwarded) \(fields.beta ?? "-") "
                        + "\(fields.contentLength ?? -1) \(fields.contentEncoding ?? "-") \(fields.expectsContinue)"
                )
            case .body(let bytes): body += bytes.readableBytesView
            case .end:
                lines.append("body \(body)")
                body = []
            }
        }
    }

    /// Hands on what NIO's decoder reads.
    private final class Oracle: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        let trace: Trace

        init(_ trace: Trace) { self.trace = trace }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): trace.receive(.head(RequestHead(head)))
            case .body(let bytes): trace.receive(.body(bytes))
            case .end: trace.receive(.end)
            }
        }
    }

    private func feed(_ pieces: [ArraySlice<UInt8>], to channel: EmbeddedChannel, _ trace: Trace) -> [String] {
        for piece in pieces {
            do {
                try channel.writeInbound(ByteBuffer(bytes: piece))
            } catch {
                // Behind an error nothing counts: the connection refuses and ends.
                return trace.lines + ["error"]
            }
        }
        return trace.lines
    }

    private func read(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        let trace = Trace()
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(RequestReader(receiver: trace, limits: limits))
        return feed(pieces, to: channel, trace)
    }

    private func expected(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        let trace = Trace()
        let channel = EmbeddedChannel()
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(decoder), Oracle(trace)])
        return feed(pieces, to: channel, trace)
    }

    private static let usual =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "User-Agent: OpenAI/Python 3\r\nAuthorization: Bearer sk\r\nX-Request-ID: 7\r\nConnection: keep-alive\r\n"
        + "Content-Length: 9\r\n\r\n{\"a\":\"b\"}"

    @Test("reads the usual request as the general decoder does, wherever it is cut")
    func cuts() throws {
        let bytes = Array((Self.usual + Self.usual).utf8)
        let whole = try expected([bytes[...]])
        #expect(whole.count == 4)
        for cut in 0...bytes.count {
            #expect(try read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test("reads the usual request by itself")
    func byItself() throws {
        let channel = EmbeddedChannel()
        let reader = RequestReader(receiver: Trace(), limits: limits)
        try channel.pipeline.syncOperations.addHandler(reader)
        try channel.writeInbound(ByteBuffer(string: Self.usual))
        #expect(throws: (any Error).self) {
            _ = try channel.pipeline.syncOperations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        }
        try channel.writeInbound(ByteBuffer(string: "GET /elsewhere HTTP/1.1\r\n\r\n"))
        _ = try channel.pipeline.syncOperations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
    }

    @Test("leaves a head that drips in to the general decoder, which looks at each byte once")
    func drips() throws {
        let bytes = Array(Self.usual.utf8)
        let pieces = bytes.indices.map { bytes[$0...$0] }
        #expect(try read(pieces) == expected(pieces))
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(RequestReader(receiver: Trace(), limits: limits))
        for piece in pieces.prefix(20) { try channel.writeInbound(ByteBuffer(bytes: piece)) }
        _ = try channel.pipeline.syncOperations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
    }

    private static let odd = [
        "Transfer-Encoding: chunked", "transfer-encoding: gzip, chunked", "Content-Length: 3", "Content-Length: 03",
        "Content-Length: +3", "Content-Length: 3, 3", "Content-Length: ", "Content-Length: 99999999999999999999",
        "Connection: close", "Connection: Upgrade", "Connection: keep-alive, te", "CONNECTION: KEEP-ALIVE",
        "Upgrade: h2c",
        "Expect: 100-continue", "Proxy-Connection: close", "Keep-Alive: timeout=5", "Cache-Control: no-cache",
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
        "HEAD /v1/models HTTP/1.1", "CONNECT a:1 HTTP/1.1", "PRI * HTTP/2.0", "", "POST /v1/chat/completions",
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
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                text += (Self.odd.randomElement(using: &random) ?? "") + (ends.randomElement(using: &random) ?? "")
            }
            text += ["Content-Length: 5\r\n", "", "transfer-encoding: chunked\r\n"].randomElement(using: &random) ?? ""
            text += ends.randomElement(using: &random) ?? ""
            text += (["hello", "", "5\r\nhello\r\n0\r\n\r\n", "hell"].randomElement(using: &random) ?? "")
        }
        return random.chance(33) ? random.mutated(Array(text.utf8)) : Array(text.utf8)
    }

    @Test("reads whatever the bytes are as the general decoder does", arguments: 0..<4)
    func differential(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var plain = 0
        for round in 0..<1_000 {
            // Other tests wait for answers meanwhile.
            if round.isMultiple(of: 20) { await Task.yield() }
            let bytes = message(&random)
            let pieces = random.pieces(of: bytes)
            let (found, wanted) = (try read(pieces), try expected(pieces))
            #expect(found == wanted, "\(pieces.map { String(decoding: $0, as: UTF8.self) })")
            if found.count > 1 { plain += 1 }
        }
        #expect(plain > 250, "most of what is made up is read")
    }
}
