import HTTPSyntax
import NIOCore

/// Reads the requests on a connection part by part, on demand. Bytes that were not requested stay as they were
/// received, so that a client cannot make the gateway hold more than those.
///
/// Heads in the usual form are read by `PlainRequestHead`, all others by `GeneralRequestHead`. Each byte is examined a
/// bounded number of times, however the bytes are divided.
struct RequestReader {
    /// The limits of a request.
    struct Limits: Sendable {
        /// The greatest size of a head in bytes.
        var headBytes = 32 * 1024
        /// The greatest length of a field's line, and of the target, in bytes.
        var fieldBytes = 16 * 1024
        var fieldCount = 100
        /// The greatest size of a body in chunks in bytes. The body is refused as soon as it states more.
        var bodyBytes = 32 * 1024 * 1024
    }

    enum Step {
        case head(RequestHead)
        case body(ByteBuffer)
        /// The request is complete.
        case end
        case needsMore
        /// The bytes are not a request, and nothing that follows is read.
        case malformed(MalformedRequest)
    }

    private enum Stage {
        case head
        case body(Int)
        case chunked(ChunkedBody)
        /// The head was returned, and the request has no body.
        case end
        case broken(MalformedRequest)
    }

    /// The limits of what is read from now on.
    var limits: Limits
    /// The paths that there are for heads that are read from now on.
    var routes: RouteTable
    private var stage = Stage.head
    private var bytes: ByteBuffer?
    /// How often the plain reader examined the beginning of the head.
    private var readings = 0
    /// How many bytes of the head's beginning are known not to contain its end.
    private var searched = 0

    /// How often the beginning of a head is examined again before its end is awaited.
    private static let mostReadings = 8

    init(limits: Limits, _ routes: RouteTable) {
        self.limits = limits
        self.routes = routes
    }

    /// How many bytes were received and not read.
    var unreadBytes: Int { bytes?.readableBytes ?? 0 }

    /// Whether no unread bytes belong to a request.
    var isBetweenRequests: Bool {
        if case .head = stage { return bytes == nil }
        return false
    }

    /// Whether a head has begun and is not complete.
    var isInsideHead: Bool {
        if case .head = stage { return bytes != nil }
        return false
    }

    mutating func receive(_ arrived: ByteBuffer) {
        guard bytes != nil else {
            if arrived.readableBytes > 0 { bytes = arrived }
            return
        }
        // Otherwise a body in chunks, of which a little is always left, would stay in memory as it was received.
        bytes?.discardReadBytes()
        bytes?.writeImmutableBuffer(arrived)
    }

    /// Drops the received bytes that were not read.
    mutating func drop() {
        bytes = nil
        (readings, searched) = (0, 0)
    }

    mutating func next() -> Step {
        switch stage {
        case .head: nextHead()
        case .body(let rest): nextOfBody(rest)
        case .chunked(let body): nextChunk(body)
        case .end:
            end()
        case .broken(let error): .malformed(error)
        }
    }

    private mutating func end() -> Step {
        stage = .head
        return .end
    }

    private mutating func fail(_ error: MalformedRequest) -> Step {
        stage = .broken(error)
        drop()
        return .malformed(error)
    }

    // MARK: Heads

    private mutating func nextHead() -> Step {
        guard let bytes else { return .needsMore }
        if readings <= Self.mostReadings, searched == 0 {
            switch bytes.withUnsafeReadableBytes({ PlainRequestHead.read($0, routes) }) {
            case .head(let head, let length): return take(head, length)
            case .incomplete where readings < Self.mostReadings:
                readings += 1
                return .needsMore
            case .incomplete, .unusual: break
            }
        }
        readings = Self.mostReadings + 1
        do {
            guard let length = try bytes.reading({ (bytes) throws(MalformedRequest) in try lengthOfHead(bytes) }) else {
                return .needsMore
            }
            let head = try bytes.reading { (bytes) throws(MalformedRequest) in
                try GeneralRequestHead.read(UnsafeRawBufferPointer(rebasing: bytes[..<length]), limits: limits, routes)
            }
            return take(head, length)
        } catch {
            return fail(error)
        }
    }

    // Inlined, because a head is so large that returning it once more is measurable.
    @inline(__always)
    private mutating func take(_ head: RequestHead, _ length: Int) -> Step {
        (readings, searched) = (0, 0)
        skip(length)
        if head.isChunked {
            stage = .chunked(ChunkedBody(limit: head.passesBodyAfter == nil ? limits.bodyBytes : PassedBody.longest))
        } else {
            let length = head.fields.contentLength ?? 0
            stage = length > 0 ? .body(length) : .end
        }
        return .head(head)
    }

    /// The offset of the end of the head's blank line. It is nil where that was not received yet.
    private mutating func lengthOfHead(_ bytes: UnsafeRawBufferPointer) throws(MalformedRequest) -> Int? {
        guard Token.contains(bytes[0]) else { throw .requestLine("it does not begin with a method") }
        while let lineFeed = bytes[searched...].firstIndex(of: 0x0A) {
            guard lineFeed > 0, bytes[lineFeed - 1] == 0x0D else { throw .field("a line does not end with CRLF") }
            let isBlank = lineFeed >= 2 && bytes[lineFeed - 2] == 0x0A
            searched = lineFeed + 1
            guard searched <= limits.headBytes else { throw .headTooLarge }
            if isBlank { return searched }
        }
        searched = bytes.count
        guard searched < limits.headBytes else { throw .headTooLarge }
        return nil
    }

    // MARK: Bodies

    private mutating func nextOfBody(_ rest: Int) -> Step {
        guard rest > 0 else { return end() }
        let length = min(rest, unreadBytes)
        guard length > 0, let part = bytes?.readSlice(length: length) else { return .needsMore }
        skip(0)
        stage = .body(rest - part.readableBytes)
        return .body(part)
    }

    private mutating func nextChunk(_ body: ChunkedBody) -> Step {
        guard var bytes = self.bytes else { return .needsMore }
        self.bytes = nil
        var body = body
        defer { if bytes.readableBytes > 0 { self.bytes = bytes } }
        do {
            switch try body.next(&bytes) {
            case .bytes(let part):
                stage = .chunked(body)
                return .body(part)
            case .end: return end()
            case .needsMore:
                stage = .chunked(body)
                return .needsMore
            }
        } catch {
            return fail(error)
        }
    }

    /// Skips bytes, and releases their memory where none are left.
    private mutating func skip(_ count: Int) {
        guard let unread = bytes?.readableBytes, unread > count else {
            bytes = nil
            return
        }
        bytes?.moveReaderIndex(forwardBy: count)
    }
}

extension ByteBuffer {
    /// Calls a function that may throw with the readable bytes.
    func reading<Result>(
        _ body: (UnsafeRawBufferPointer) throws(MalformedRequest) -> Result
    ) throws(MalformedRequest) -> Result {
        try withUnsafeReadableBytes { bytes in
            Swift.Result { () throws(MalformedRequest) in try body(bytes) }
        }
        .get()
    }
}
