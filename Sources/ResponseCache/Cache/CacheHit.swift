public import NIOCore

/// An answer from the cache. Its memory may be the backend's: call `release` exactly once, after the body is written.
public struct CacheHit {
    enum Source {
        /// The entry belongs to one outcome of a read. Where `owned` is true, releasing this hit releases the read.
        case storage(any StorageRead, index: Int, owned: Bool)
        /// A sealed entry that was decrypted into memory of its own.
        case opened(ByteBuffer)
        case held([ByteBuffer])
    }

    let header: EntryHeader
    let source: Source
    /// How long the entry has been stored, in milliseconds.
    public let age: UInt64
    /// Why an answer past its time to live is served.
    enum Excuse: Sendable {
        case none
        /// The answer is being refreshed.
        case revalidating
        /// The model failed.
        case error
    }

    /// Freshness left in milliseconds. It is negative for an answer that is acceptably stale, and nil if it never
    /// expires.
    public let remainingTimeToLive: Int64?
    var excuse = Excuse.none

    /// Whether the answer is past its time to live and must be refreshed in the background.
    public var wantsRefresh: Bool { excuse == .revalidating }

    /// The same hit for a request that must not refresh it; the hit does not report a refresh.
    public var withoutRefresh: CacheHit {
        var hit = self
        hit.excuse = .none
        return hit
    }

    /// The HTTP status of the stored answer.
    public var status: Int { Int(header.status) }
    /// The media type of the stored answer, which is well-formed.
    public var contentType: String { header.contentType }
    /// Whether the body is an answer in one piece or a recorded stream.
    public var form: EntryForm { header.form }
    /// The size of the stored body in bytes.
    public var bodyLength: Int { header.bodyLength }
    /// The tokens that the stored answer has cost. It is nil where that is not known.
    public var usage: TokenUsage? { header.usage }
    /// The value of `Age`: whole seconds, rounded down.
    public var ageSeconds: Int64 { Int64(clamping: age / 1000) }

    /// What Cache-Status says of this hit (RFC 9211).
    public var cacheStatus: CacheStatus {
        var status = CacheStatus.hit(remaining: remainingTimeToLive)
        switch excuse {
        case .none: break
        case .revalidating: status.detail = "stale-while-revalidate"
        case .error: status.detail = "stale-if-error"
        }
        return status
    }

    /// Appends the body: one copy of its bytes, and no allocation where `buffer` has `bodyLength` bytes of room.
    public func writeBody(into buffer: inout ByteBuffer) {
        switch source {
        case .storage(let read, let index, _):
            guard case .hit(let bytes) = read.outcome(at: index), bytes.count >= bodyLength else { return }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes.suffix(bodyLength)))
        case .opened(let entry):
            entry.withUnsafeReadableBytes { bytes in
                guard bytes.count >= bodyLength else { return }
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes.suffix(bodyLength)))
            }
        case .held(let parts):
            for part in parts { buffer.writeImmutableBuffer(part) }
        }
    }

    /// Returns a copy of the body.
    public func body(_ allocator: ByteBufferAllocator = ByteBufferAllocator()) -> ByteBuffer {
        var body = allocator.buffer(capacity: bodyLength)
        writeBody(into: &body)
        return body
    }

    /// Copies the answer so that it outlives the backend's memory, which is given back.
    public func kept() -> KeptAnswer {
        defer { release() }
        return KeptAnswer(header: header, body: body())
    }

    /// Gives the memory back. The hit must not be used any more.
    public func release() {
        if case .storage(let read, _, owned: true) = source { read.release() }
    }
}

/// A cached answer that is kept in case the model fails, for any event loop.
public struct KeptAnswer: Sendable {
    let header: EntryHeader
    let body: ByteBuffer

    /// The size of the body in bytes.
    public var bodyLength: Int { body.readableBytes }

    /// Returns the kept answer as a hit, once the model has failed.
    public func hit(at now: CacheInstant) -> CacheHit {
        let age = Freshness.age(storedAt: header.storedAt, now: now.unixMilliseconds)
        return CacheHit(
            header: header,
            source: .held([body]),
            age: age,
            remainingTimeToLive: Int64(clamping: header.timeToLive) - Int64(clamping: age),
            excuse: .error
        )
    }
}
