public import NIOCore

/// An answer from the cache. Its memory may be the backend's: call `release` exactly once, when the body is written.
public struct CacheHit {
    enum Source {
        /// The entry lies behind one outcome of a read; `owned` says that the read ends with this hit.
        case storage(any StorageRead, index: Int, owned: Bool)
        case inFlight([ByteBuffer])
    }

    let header: EntryHeader
    let source: Source
    /// How long the entry has been stored, in milliseconds.
    public let age: UInt64
    /// Freshness left in milliseconds, negative for an answer that is acceptably stale, nil if it never ends.
    public let remainingTimeToLive: Int64?

    public var status: Int { Int(header.status) }
    public var contentType: String { header.contentType }
    public var form: EntryForm { header.form }
    public var bodyLength: Int { header.bodyLength }
    /// The value of `Age`: whole seconds, rounded down.
    public var ageSeconds: Int64 { Int64(clamping: age / 1000) }

    public var cacheStatus: CacheStatus {
        CacheStatus(.hit(timeToLive: remainingTimeToLive.map { $0 / 1000 }))
    }

    /// Appends the body: one copy of its bytes, and no allocation where `buffer` has `bodyLength` bytes of room.
    public func writeBody(into buffer: inout ByteBuffer) {
        switch source {
        case .storage(let read, let index, _):
            guard case .hit(let bytes) = read.outcome(at: index), bytes.count >= bodyLength else { return }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes.suffix(bodyLength)))
        case .inFlight(let parts):
            for part in parts { buffer.writeImmutableBuffer(part) }
        }
    }

    /// Gives the memory back. The hit must not be used any more.
    public func release() {
        if case .storage(let read, _, owned: true) = source { read.release() }
    }
}
