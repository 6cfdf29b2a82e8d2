public import NIOCore

/// An answer from the cache. Its memory may be the backend's: call `release` exactly once, when the body is written.
public struct CacheHit {
    enum Source {
        /// The entry lies behind one outcome of a read; `owned` says that the read ends with this hit.
        case storage(any StorageRead, index: Int, owned: Bool)
        /// An entry that was sealed, in memory of its own.
        case opened(ByteBuffer)
        case held([ByteBuffer])
    }

    let header: EntryHeader
    let source: Source
    /// How long the entry has been stored, in milliseconds.
    public let age: UInt64
    /// Why an answer past its time is served.
    enum Excuse: Sendable {
        case none
        /// It is being refreshed.
        case revalidating
        /// The model failed.
        case error
    }

    /// Freshness left in milliseconds, negative for an answer that is acceptably stale, nil if it never ends.
    public let remainingTimeToLive: Int64?
    var excuse = Excuse.none

    /// Whether the answer is past its time and is to be fetched anew, in the background.
    public var wantsRefresh: Bool { excuse == .revalidating }

    /// The same for a request that must not have it fetched anew, and does not say that it is.
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
    /// Bytes of the stored body.
    public var bodyLength: Int { header.bodyLength }
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

    /// The body, copied.
    public func body(_ allocator: ByteBufferAllocator = ByteBufferAllocator()) -> ByteBuffer {
        var body = allocator.buffer(capacity: bodyLength)
        writeBody(into: &body)
        return body
    }

    /// Keeps the answer beyond the backend's memory, which is given back.
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

    /// Bytes of the body.
    public var bodyLength: Int { body.readableBytes }

    /// The answer, since the model has failed.
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
