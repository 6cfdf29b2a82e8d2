import NIOCore
import NIOHTTP1

/// An answer of an upstream.
struct Answer: Sendable {
    /// The body of the answer.
    enum Body: Sendable {
        case bytes([UInt8])
        /// The same without a copy for each answer.
        case buffer(ByteBuffer)
        /// The same piece again and again, each in a chunk of its own, as fast as the other side reads them.
        case repeated(ByteBuffer, times: Int)
        /// Chunks that the test sends.
        case stream(ControlledStream)
        /// Nothing is answered, and the connection stays open.
        case silence
        /// The connection is closed instead of an answer.
        case hangUp
    }

    var status = 200
    var headers: [(String, String)] = [("content-type", "application/json")]
    var body: Body
    /// Holds the whole answer back until it is opened.
    var gate: Gate?
    /// Whether the connection is closed after the answer without an announcement.
    var closesAfterwards = false

    static func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> Answer {
        Answer(
            status: status,
            headers: [("content-type", "application/json")] + headers,
            body: .bytes(Array(text.utf8))
        )
    }

    static func events(_ stream: ControlledStream) -> Answer {
        Answer(headers: [("content-type", "text/event-stream; charset=utf-8")], body: .stream(stream))
    }

    /// Plays the answer on a connection, once its gate is open.
    ///
    /// - Parameter isHead: whether the request is HEAD. The body of an answer in one piece is then left out.
    func play(on channel: any Channel, isHead: Bool = false) {
        guard let gate else { return playNow(on: channel, isHead) }
        gate.whenOpen { playNow(on: channel, isHead) }
    }

    private func playNow(on channel: any Channel, _ isHead: Bool) {
        var head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: status),
            headers: HTTPHeaders(headers)
        )
        switch body {
        case .silence:
            return
        case .hangUp:
            channel.close(promise: nil)
        case .bytes(let bytes): whole(ByteBuffer(bytes: bytes), &head, isHead, channel)
        case .buffer(let buffer): whole(buffer, &head, isHead, channel)
        case .repeated(let piece, let times):
            head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
            channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
            repeatedly(piece, times, channel)
        case .stream(let stream):
            head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
            channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
            stream.attach { step in
                switch step {
                case .send(let text):
                    let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text)))
                    channel.writeAndFlush(part, promise: nil)
                case .finish: finish(channel)
                case .cut: channel.close(promise: nil)
                }
            }
        }
    }

    private func whole(_ body: ByteBuffer, _ head: inout HTTPResponseHead, _ isHead: Bool, _ channel: any Channel) {
        if status >= 200, status != 204, status != 304 {
            head.headers.replaceOrAdd(name: "content-length", value: String(body.readableBytes))
        }
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if !isHead { channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
        finish(channel)
    }

    private func repeatedly(_ piece: ByteBuffer, _ times: Int, _ channel: any Channel) {
        guard times > 0 else { return finish(channel) }
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).whenSuccess {
            // This must not happen within the write, so that the stack does not grow.
            channel.eventLoop.execute { repeatedly(piece, times - 1, channel) }
        }
    }

    private func finish(_ channel: any Channel) {
        let written = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: written)
        if closesAfterwards { written.futureResult.whenComplete { _ in channel.close(promise: nil) } }
    }
}
