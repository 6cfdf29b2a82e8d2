import Dialects
import NIOCore
import ResponseCache

extension Connection {
    /// Writes a part of a streamed body.
    func send(body bytes: ByteBuffer, framing: BodyFraming) {
        guard bytes.readableBytes > 0 else { return }
        notePiece()
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
        if framing.hasKnownEnd { return }
        send(body: ByteBuffer(string: errors.event(error.report)), framing: framing)
    }

    /// Up to this many bytes, an answer is written without reserving memory. A channel queues about as many for a
    /// client anyway.
    static let uncountedAnswer = 64 * 1024

    /// Sends a whole answer. Head and body are sent in one buffer, unless copying the body costs more than that saves.
    func answer(_ head: borrowing ResponseHead, _ body: ByteBuffer) {
        guard !isHead else { return answer(begin(head)) }
        guard body.readableBytes <= Self.uncountedAnswer else {
            send(begin(head))
            return answer(body)
        }
        var response = begin(head, room: body.readableBytes)
        response.writeImmutableBuffer(body)
        answer(response)
    }

    /// Sends the last bytes of an answer.
    func answer(_ bytes: ByteBuffer) {
        send(bytes)
        finish()
    }

    /// Sends a whole answer of the gateway's own.
    func answer(json: String, status: Int = 200) {
        answer(
            ResponseHead(status, .type("application/json"), framing: .length(json.utf8.count)),
            ByteBuffer(string: json)
        )
    }

    /// - Parameter status: the value of Cache-Status. It is nil where the cache had no part in the answer.
    func answer(_ error: APIError, status: CacheStatus? = nil) {
        if error.status >= 500 || error.isOverload { loop.resources.report(error) }
        let errors = errors
        let body = errors.body(error.report)
        var head = ResponseHead(error, length: body.utf8.count, cacheStatus: status)
        head.fields += idFields(errors.requestIDField)
        answer(head, ByteBuffer(string: body))
    }

    /// The field in which the clients of an API family expect the id of the request, where that is not the usual one.
    ///
    /// - Parameter name: the name of the field.
    func idFields(_ name: String?) -> [(name: String, value: String)] {
        name.map { [($0, "\(requestID)")] } ?? []
    }

    /// Ends a streamed body, and thereby the answer.
    func finish(framing: BodyFraming) {
        if case .chunked = framing {
            gather(room: ChunkFraming.last.utf8CodeUnitCount) { $0.writeStaticString(ChunkFraming.last) }
        }
        finish()
    }

    /// The size of the largest chunk that is copied rather than written by itself, in bytes.
    private static let smallChunk = 4 * 1024
}

/// The bytes before and after the data of a chunk (RFC 9112 section 7.1).
private enum ChunkFraming {
    static let end: StaticString = "\r\n"
    static let last: StaticString = "0\r\n\r\n"
    /// The length of the longest chunk size with both line ends, in bytes.
    static let longest = 20
}

extension ByteBuffer {
    /// Writes a chunk's size in hexadecimal and the line's end.
    fileprivate mutating func writeChunkSize(_ size: Int) {
        let digits = max(1, (Int.bitWidth - size.leadingZeroBitCount + 3) / 4)
        for place in (0..<digits).reversed() {
            let half = UInt8(truncatingIfNeeded: size >> (4 * place)) & 0x0F
            writeInteger(half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "a") - 10 + half)
        }
        writeStaticString(ChunkFraming.end)
    }
}
