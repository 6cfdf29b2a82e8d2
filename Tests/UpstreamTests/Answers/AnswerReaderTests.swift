import NIOCore
import NIOEmbedded
import NIOHTTP1
import SeededRandom
import Testing

@testable import Upstream

/// NIO's decoder is the oracle: whatever the bytes, and however they are divided, both read the same.
@Suite("The reader of answers")
struct AnswerReaderTests {
    /// A textual record of what was read.
    private final class Trace: AnswerReceiver {
        var lines: [String] = []
        private var body: [UInt8] = []
        private(set) var hasEnded = false

        func receive(_ part: AnswerPart) {
            switch part {
            case .head(let head, let keepsAlive):
                lines.append("\(head.status) \(head.fields.list) \(head.contentLength ?? -1) keeps: \(keepsAlive)")
            case .body(let bytes): body += bytes.readableBytesView
            case .end:
                lines.append("body \(body)")
                body = []
                hasEnded = true
            }
        }
    }

    /// Passes on what NIO's decoder reads.
    private final class Oracle: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        let trace: Trace

        init(_ trace: Trace) { self.trace = trace }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): trace.receive(.head(UpstreamHead(head), keepsAlive: head.isKeepAlive))
            case .body(let bytes): trace.receive(.body(bytes))
            case .end: trace.receive(.end)
            }
        }
    }

    /// Lets nothing pass, like the connection's edge.
    private final class Edge: ChannelOutboundHandler {
        typealias OutboundIn = HTTPClientRequestPart

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            promise?.succeed()
        }
    }

    private let limits = NIOHTTPDecoderLimitConfiguration()

    private func feed(_ pieces: [ArraySlice<UInt8>], to channel: EmbeddedChannel, _ trace: Trace) -> [String] {
        for piece in pieces {
            do {
                try channel.writeInbound(ByteBuffer(bytes: piece))
            } catch {
                // The connection is dropped after a complete answer, however many bytes follow.
                return trace.hasEnded ? trace.lines : trace.lines + ["error"]
            }
            if trace.hasEnded { break }
        }
        return trace.lines
    }

    private func read(_ pieces: [ArraySlice<UInt8>], isHead: Bool = false) throws -> [String] {
        let trace = Trace()
        let channel = EmbeddedChannel()
        let reader = AnswerReader(receiver: trace, limits: limits)
        try channel.pipeline.syncOperations.addHandlers([Edge(), reader])
        reader.requestWasSent(isHead: isHead, try channel.pipeline.syncOperations.context(handler: reader))
        return Array(feed(pieces, to: channel, trace).prefix(2))
    }

    private func expected(_ pieces: [ArraySlice<UInt8>], isHead: Bool = false) throws -> [String] {
        let trace = Trace()
        let channel = EmbeddedChannel()
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .fireError, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([Edge(), ByteToMessageHandler(decoder), Oracle(trace)])
        let request = HTTPRequestHead(version: .http1_1, method: isHead ? .HEAD : .POST, uri: "/")
        let notice = HTTPClientRequestPart.head(request)
        channel.pipeline.syncOperations.write(NIOAny(notice), promise: nil)
        return Array(feed(pieces, to: channel, trace).prefix(2))
    }

    private static let usual = [
        "HTTP/1.1 200 OK\r\nServer: x\r\nDate: today\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
            + "Set-Cookie: a=b\r\nX-Request-Id: 1\r\nContent-Length: 11\r\n\r\n{\"a\":\"b\"}\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
    ]

    @Test("reads the usual answers as the general decoder does, wherever they are cut", arguments: usual)
    func cuts(text: String) throws {
        let bytes = Array(text.utf8)
        let whole = try expected([bytes[...]])
        #expect(whole.count == 2)
        for cut in 0...bytes.count {
            #expect(try read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test("reads the usual answers by itself, several on a connection", arguments: usual)
    func byItself(text: String) throws {
        let (trace, channel) = (Trace(), EmbeddedChannel())
        try channel.pipeline.syncOperations.addHandlers([Edge(), AnswerReader(receiver: trace, limits: limits)])
        for _ in 0..<3 { try channel.writeInbound(ByteBuffer(string: text)) }
        #expect(trace.lines.count == 6)
        #expect(throws: (any Error).self) {
            _ = try channel.pipeline.syncOperations.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
        }
    }

    @Test(
        "takes what follows the head of an answer to HEAD for the next answer, whatever length the head states",
        arguments: [
            ["content-length: 11"], ["transfer-encoding: chunked"], ["x: y"], ["content-length: 99", "trailer: x"],
        ]
    )
    func head(fields: [String]) throws {
        let head = "HTTP/1.1 200 OK\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        let (trace, channel) = (Trace(), EmbeddedChannel())
        let reader = AnswerReader(receiver: trace, limits: limits)
        try channel.pipeline.syncOperations.addHandlers([Edge(), reader])
        let context = try channel.pipeline.syncOperations.context(handler: reader)
        for isHead in [true, true, false, true] {
            reader.requestWasSent(isHead: isHead, context)
            let answer = isHead ? head : "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
            for byte in answer.utf8 { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
        }
        #expect(trace.lines.count == 8)
        #expect(trace.lines.filter { $0.hasPrefix("body") } == ["body []", "body []", "body [104, 105]", "body []"])
    }

    @Test("hands trailers and chunk extensions over in the middle of a body, and says nothing twice")
    func middle() throws {
        for end in ["0\r\nX-Trailer: a\r\n\r\n", "3;name=value\r\nabc\r\n0\r\n\r\n"] {
            let bytes = Array(
                ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + end).utf8
            )
            for cut in 0...bytes.count {
                let pieces = [bytes[..<cut], bytes[cut...]]
                #expect(try read(pieces) == expected([bytes[...]]), "cut at \(cut)")
            }
        }
    }

    private static let odd = [
        "Connection: close", "Connection: upgrade", "connection: KEEP-ALIVE", "Content-Length: 3", "Content-Length: 03",
        "Content-Length: 5, 5", "Transfer-Encoding: gzip", "Transfer-Encoding: Chunked", "Upgrade: h2c", "Trailer: x",
        "Keep-Alive: timeout=5", "Alt-Svc: h3", "Strict-Transport-Security: max-age=1", "X:\tTab", "X: end ", "Empty:",
        "Bad name: x",
        " folded", "No colon", "Retry-After: 1", "X: ké", "Bell: \u{7}", "Delete: 123456789\u{7F}123456789",
        "Content-Length: 1:",
    ]
    private static let lines = [
        "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 429 Too Many Requests",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 304 Not Modified", "HTTP/1.1 100 Continue", "HTTP/1.0 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 99 Low", "HTTP/1.1 600 High", "HTTP/1.1 2000 Long", "http/1.1 200 OK", "HTTP/2 200", "",
        "HTTP/1.1 500 é",
    ]
    private static let bodies = [
        "hello", "", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "00000005\r\nhello\r\n000\r\n\r\n", "000000005\r\nhello\r\n0\r\n\r\n", "g\r\n", "\r\n", "5\nhello\n0\n\n",
        "ffffffffffffffff1\r\n", "5 \r\nhello\r\n",
        "aA\r\n0123456789", "1\r\na\r\n1\r\nb\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ]

    @Test("reads whatever the bytes are as the general decoder does", arguments: 0..<4)
    func differential(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var whole = 0
        for round in 0..<1_000 {
            // Other tests wait for their answers meanwhile.
            if round.isMultiple(of: 20) { await Task.yield() }
            var text = (Self.lines.randomElement(using: &random) ?? "") + "\r\n"
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                text += (Self.odd.randomElement(using: &random) ?? "") + (random.chance(95) ? "\r\n" : "\n")
            }
            text += ["Content-Length: 5\r\n", "transfer-encoding: chunked\r\n", ""].randomElement(using: &random) ?? ""
            text += "\r\n" + (Self.bodies.randomElement(using: &random) ?? "")
            let bytes = random.chance(33) ? random.mutated(Array(text.utf8)) : Array(text.utf8)
            let pieces = random.pieces(of: bytes)
            let isHead = random.chance(20)
            let (found, wanted) = (try read(pieces, isHead: isHead), try expected(pieces, isHead: isHead))
            #expect(found == wanted, "HEAD: \(isHead), \(pieces.map { String(decoding: $0, as: UTF8.self) })")
            if found.count > 1 { whole += 1 }
        }
        #expect(whole > 100, "much of what is made up is read")
    }
}
