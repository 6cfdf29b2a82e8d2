public import NIOCore

/// What there is under a key, for operators of the gateway.
public enum InspectedEntry: Sendable {
    case found(EntryMetadata)
    case absent
    /// The stored bytes are not a valid entry, or cannot be opened. No request is answered with them.
    case unreadable(EntryFault, storedBytes: Int)
    case failed(StorageFailure)
}

/// Everything about an entry but its content.
public struct EntryMetadata: Sendable {
    /// Whether the cache would serve the entry now to a request without cache controls.
    public enum State: String, Sendable {
        case fresh
        /// It is past its time to live, and served while it is refreshed or if the model fails.
        case stale
        case expired
        case purged
        /// It is not known yet what other gateways have purged, so that it is not served.
        case unverified
    }

    /// What its header says. `facts` names its model, its tenant and its tags as labels.
    public let header: EntryHeader
    /// What a request would be answered with now.
    public let state: State
    /// How long it has been stored, in milliseconds.
    public let age: UInt64
    /// How many bytes the backend has of it. It is nil where the backend has not confirmed it yet.
    public let storedBytes: Int?
    /// Whether the bytes in the backend are sealed.
    public let isSealed: Bool

    /// How long it stays fresh, in milliseconds. It is negative for a time that is over, and nil where it never is.
    public var remainingTimeToLive: Int64? {
        header.timeToLive == 0 ? nil : Int64(clamping: header.timeToLive) - Int64(clamping: age)
    }

    /// When the call to the model began, as Unix time in milliseconds. It is nil for what is no answer of a model.
    public var began: UInt64? { header.facts == .none ? nil : header.facts.began }

    /// The labels of its model, its tenant and its tags. It is nil where it has none.
    public var labels: [EntryLabel]? { header.facts.labels }
}

extension ResponseCache {
    /// Reads what is known of an entry, and changes nothing: what is expired, purged or damaged stays, and nothing is
    /// counted as a look-up.
    ///
    /// - Parameters:
    ///   - limit: how long the backend may take.
    ///   - done: called once on the loop, possibly before this returns.
    public func inspect(
        _ key: CacheKey,
        at now: CacheInstant,
        within limit: TimeAmount,
        _ done: @escaping (InspectedEntry) -> Void
    ) {
        if let held = pendingStores.find(key) {
            let metadata = metadata(held.header, key, storedBytes: nil, isSealed: seal != nil, at: now)
            return done(.found(metadata))
        }
        let record = purges.takesRecord(at: now.monotonic) ? purges.recordKey : nil
        let read = storage.get([key] + (record.map { [$0] } ?? []), deadline: now.monotonic + limit)
        let end = { [self] in
            defer { read.release() }
            if let record { take(record: read, at: 1, record, at: now) }
            done(inspected(read, key, at: now))
        }
        if read.isDone { end() } else { read.whenDone(end) }
    }

    private func inspected(_ read: any StorageRead, _ key: CacheKey, at now: CacheInstant) -> InspectedEntry {
        guard read.count > 0 else { return .absent }
        switch read.outcome(at: 0) {
        case .miss: return .absent
        case .failed(let failure): return .failed(failure)
        case .hit(let bytes):
            do throws(EntryFault) {
                let header = try header(of: bytes, key)
                return .found(metadata(header, key, storedBytes: bytes.count, isSealed: seal != nil, at: now))
            } catch {
                return .unreadable(error, storedBytes: bytes.count)
            }
        }
    }

    private func header(of bytes: UnsafeRawBufferPointer, _ key: CacheKey) throws(EntryFault) -> EntryHeader {
        guard bytes.count - EntryLayout.longestHeader <= policy.maxEntrySize else { throw .tooLarge }
        guard let seal else { return try EntryHeader(verifying: bytes, key: key, readsLabels: true) }
        return try seal.open(bytes, for: key).withUnsafeReadableBytes { (entry) throws(EntryFault) in
            try EntryHeader(verifying: entry, key: key, wasSealed: true, readsLabels: true)
        }
    }

    private func metadata(
        _ header: EntryHeader,
        _ key: CacheKey,
        storedBytes: Int?,
        isSealed: Bool,
        at now: CacheInstant
    ) -> EntryMetadata {
        let freshness = Freshness(
            storedAt: header.storedAt,
            timeToLive: header.timeToLive,
            staleWhileRevalidate: header.staleWhileRevalidate,
            staleIfError: header.staleIfError,
            limits: FreshnessLimits(),
            now: now.unixMilliseconds
        )
        let state: EntryMetadata.State =
            switch freshness {
            case _ where !purges.isKnown: .unverified
            case _ where isPurged(header, key): .purged
            case .fresh: .fresh
            case .acceptablyStale, .revalidating, .staleIfError: .stale
            case .expired, .tooOld: .expired
            }
        let age = Freshness.age(storedAt: header.storedAt, now: now.unixMilliseconds)
        return EntryMetadata(header: header, state: state, age: age, storedBytes: storedBytes, isSealed: isSealed)
    }
}
