import NIOCore

/// How the end of a streamed answer is marked (RFC 9112 section 6).
enum BodyFraming {
    /// By its length, stated in the head.
    case length(Int)
    /// By the last chunk.
    case chunked
    /// By the end of the connection: for HTTP/1.0 clients.
    case untilClose

    static func of(length: Int?, isHTTP10: Bool) -> BodyFraming {
        if let length { return .length(length) }
        return isHTTP10 ? .untilClose : .chunked
    }

    func writeField(to writer: ResponseWriter) {
        switch self {
        case .length(let length): writer.contentLength(length)
        case .chunked: writer.lines("transfer-encoding: chunked\r\n")
        case .untilClose: break
        }
    }
}

extension Connection {
    /// Writes a part of a streamed body.
    func send(body bytes: ByteBuffer, framing: BodyFraming) {
        guard bytes.readableBytes > 0 else { return }
        guard case .chunked = framing else { return send(bytes) }
        var size = worker.allocator.buffer(capacity: min(bytes.readableBytes, 4_096) + 20)
        size.writeChunkSize(bytes.readableBytes)
        send(size)
        send(bytes)
        send(Self.chunkEnd)
    }

    /// Ends a streamed body and with it the answer.
    func finish(framing: BodyFraming) {
        if case .chunked = framing { send(Self.lastChunk) }
        finish()
    }

    private static let chunkEnd = ByteBuffer(staticString: "\r\n")
    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
}

extension ByteBuffer {
    /// A chunk's size in hexadecimal and the line's end.
    fileprivate mutating func writeChunkSize(_ size: Int) {
        writeString(String(size, radix: 16))
        writeStaticString("\r\n")
    }
}
