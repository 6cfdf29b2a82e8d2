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

    /// Whether the head has stated a length, which the body must have.
    var hasLength: Bool {
        if case .length = self { true } else { false }
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
        let size = bytes.readableBytes
        guard size <= Self.smallChunk else {
            gather(room: ChunkFraming.longest) { $0.writeChunkSize(size) }
            send(bytes)
            return gather(room: ChunkFraming.end.utf8CodeUnitCount) { $0.writeStaticString(ChunkFraming.end) }
        }
        gather(room: size + ChunkFraming.longest) {
            $0.writeChunkSize(size)
            $0.writeImmutableBuffer(bytes)
            $0.writeStaticString(ChunkFraming.end)
        }
    }

    /// Writes the event that ends a stream which is cut off.
    func send(event error: APIError, framing: BodyFraming) {
        // Bytes beyond the length in the head would be read as the beginning of another answer.
        if case .length = framing { return }
        send(body: ByteBuffer(string: "data: \(error.json)\n\n"), framing: framing)
    }

    /// Ends a streamed body, and the answer with it.
    func finish(framing: BodyFraming) {
        if case .chunked = framing {
            gather(room: ChunkFraming.last.utf8CodeUnitCount) { $0.writeStaticString(ChunkFraming.last) }
        }
        finish()
    }

    /// The size of the largest chunk that is copied rather than written by itself, in bytes.
    private static let smallChunk = 4 * 1024
}

/// What precedes and follows the bytes of a chunk (RFC 9112 section 7.1).
private enum ChunkFraming {
    static let end: StaticString = "\r\n"
    static let last: StaticString = "0\r\n\r\n"
    /// The length of the longest chunk size with both line ends, in bytes.
    static let longest = 20
}

extension ByteBuffer {
    /// A chunk's size in hexadecimal and the line's end.
    fileprivate mutating func writeChunkSize(_ size: Int) {
        let digits = max(1, (Int.bitWidth - size.leadingZeroBitCount + 3) / 4)
        for place in (0..<digits).reversed() {
            let half = UInt8(truncatingIfNeeded: size >> (4 * place)) & 0x0F
            writeInteger(half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "a") - 10 + half)
        }
        writeStaticString(ChunkFraming.end)
    }
}
