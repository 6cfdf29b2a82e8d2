import NIOCore

/// The cache of one event loop: looks answers up, decides what may be stored, and stores it. Every call is on that
/// loop.
///
/// Nothing here throws, waits or logs. A backend that fails costs a miss; `CacheMiss.failed` and `onStoreEnd`
/// report it to the caller, which logs it once per outage.
///
/// Answers past their time to live are served as `Freshness` says. `FlightTable`, which stands between a miss and the
/// call to the model, makes one call for many identical requests.
public final class ResponseCache {
    /// The configuration's caching policy.
    public let policy: CachePolicy
    /// The events on this loop since the start.
    public internal(set) var events = CacheEvents()
    /// Called for every entry that the backend did not keep, with the failure. It returns whether stores count as
    /// failing; as long as they do, it is called with nil for every entry that the backend does keep.
    public var onStoreEnd: ((StorageFailure?) -> Bool)?
    /// Whether stores count as failing.
    var areStoresFailing = false

    let storage: any CacheStorage
    let pendingStores: PendingStores
    /// What was purged, for all loops.
    public let purges: PurgeLog
    /// What was purged as this loop knows it, and the version of that.
    private var purged = (marks: PurgeMarks(), version: UInt64(0))
    let checker = AnswerChecker()
    /// Seals and opens entries. It is nil where entries are not sealed.
    let seal: EntrySeal?

    /// - Parameters:
    ///   - pendingStores: the table shared by the caches of all loops over one backend.
    ///   - purges: what was purged, shared by the caches of all loops over one backend.
    ///   - seal: the seal of this loop. It is nil where entries are not sealed.
    public init(
        storage: any CacheStorage,
        policy: CachePolicy,
        pendingStores: PendingStores,
        purges: PurgeLog = PurgeLog(),
        seal: EntrySeal? = nil
    ) {
        self.purges = purges
        self.storage = storage
        self.policy = policy
        self.pendingStores = pendingStores
        self.seal = seal
    }

    /// Looks one answer up, in the table of pending stores and then in the backend.
    public func lookup(_ key: CacheKey, use: CacheUse, controls: CacheControls, at now: CacheInstant) -> Lookup {
        guard use.mayRead else { return .done(.miss(use.isBypassed ? .bypassed : .notWanted)) }
        if let hit = pendingHit(key, controls.limits, at: now) { return .done(.hit(hit)) }
        if purges.takesRecord(at: now.monotonic), let record = purges.recordKey {
            return lookup(key, with: record, controls.limits, at: now)
        }
        let read = storage.get(key, deadline: now.monotonic + policy.lookupTimeout)
        guard read.isDone else {
            let limits = controls.limits
            // An entry's age is counted from the start of the look-up, which is at most its timeout ago.
            return .pending(PendingLookup(read) { [self] in finish(read, key, limits, at: now) })
        }
        return .done(finish(read, key, controls.limits, at: now))
    }

    /// Looks one answer up together with the record of purges, which is due.
    @inline(never)
    private func lookup(
        _ key: CacheKey,
        with record: CacheKey,
        _ limits: FreshnessLimits,
        at now: CacheInstant
    ) -> Lookup {
        let read = storage.get([key, record], deadline: now.monotonic + policy.lookupTimeout)
        let end = { [self] in
            take(record: read, at: 1, record, at: now)
            return finish(read, key, limits, at: now)
        }
        return read.isDone ? .done(end()) : .pending(PendingLookup(read, finish: end))
    }

    /// Looks up the inputs of an embedding request with one query to the backend. The outcomes are in the order of
    /// `keys`.
    public func lookupMany(
        _ keys: [CacheKey],
        use: CacheUse,
        controls: CacheControls,
        at now: CacheInstant
    ) -> BatchLookup {
        guard use.mayRead else {
            let miss = LookupOutcome.miss(use.isBypassed ? .bypassed : .notWanted)
            return .done(BatchOutcome(outcomes: keys.map { _ in miss }, read: nil))
        }
        let limits = controls.limits
        let held = keys.map { pendingHit($0, limits, at: now, isPart: true) }
        let asked = zip(keys, held).filter { $0.1 == nil }.map(\.0)
        guard !asked.isEmpty else {
            return .done(BatchOutcome(outcomes: held.compactMap { $0.map(LookupOutcome.hit) }, read: nil))
        }
        let record = purges.takesRecord(at: now.monotonic) ? purges.recordKey : nil
        let read = storage.get(record.map { asked + [$0] } ?? asked, deadline: now.monotonic + policy.lookupTimeout)
        let finish = { [self] in
            if let record { take(record: read, at: asked.count, record, at: now) }
            var next = 0
            let outcomes = zip(keys, held).map { key, hit in
                if let hit { return LookupOutcome.hit(hit) }
                defer { next += 1 }
                let outcome = verify(read, at: next, owned: false, key, limits, at: now).ofPart
                count(outcome, of: key)
                return outcome
            }
            return BatchOutcome(outcomes: outcomes, read: read)
        }
        return read.isDone ? .done(finish()) : .pending(PendingBatchLookup(read, finish: finish))
    }
}

// MARK: Reading

extension ResponseCache {
    private func pendingHit(
        _ key: CacheKey,
        _ limits: FreshnessLimits,
        at now: CacheInstant,
        isPart: Bool = false
    ) -> CacheHit? {
        guard let entry = pendingStores.find(key), !isPurged(entry.header, key),
            case .hit(let hit) = judge(entry.header, .held(entry.body), limits, at: now),
            !isPart || !hit.wantsRefresh
        else { return nil }
        events.hits &+= 1
        return hit
    }

    /// The outcome of a read of one key, which is released here unless it is a hit.
    private func finish(
        _ read: any StorageRead,
        _ key: CacheKey,
        _ limits: FreshnessLimits,
        at now: CacheInstant
    ) -> LookupOutcome {
        let outcome = verify(read, at: 0, owned: true, key, limits, at: now)
        count(outcome, of: key)
        if case .miss = outcome { read.release() }
        return outcome
    }

    /// Counts what storage had under a key, and deletes an entry that cannot be read.
    private func count(_ outcome: LookupOutcome, of key: CacheKey) {
        switch outcome {
        case .hit: events.hits &+= 1
        case .stale: events.count(.expired)
        case .miss(let miss):
            events.count(miss)
            switch miss {
            case .unreadable, .purged: storage.delete([key])
            default: break
            }
        }
    }

    private func verify(
        _ read: any StorageRead,
        at index: Int,
        owned: Bool,
        _ key: CacheKey,
        _ limits: FreshnessLimits,
        at now: CacheInstant
    ) -> LookupOutcome {
        guard index < read.count else {
            return .miss(.failed(StorageFailure(code: .defect, message: "it answered fewer keys than were asked for")))
        }
        switch read.outcome(at: index) {
        case .miss: return .miss(.absent)
        case .failed(let failure): return .miss(.failed(failure))
        case .hit(let bytes):
            guard bytes.count - EntryLayout.longestHeader <= policy.maxEntrySize else {
                return .miss(.unreadable(.tooLarge))
            }
            do throws(EntryFault) {
                if let seal { return try open(bytes, with: seal, read, owned: owned, key, limits, at: now) }
                let version = purges.version
                let header = try EntryHeader(verifying: bytes, key: key, readsLabels: version != 0)
                if version != 0, let miss = purgeMiss(header, key) { return .miss(miss) }
                return judge(header, .storage(read, index: index, owned: owned), limits, at: now)
            } catch {
                return .miss(.unreadable(error))
            }
        }
    }

    /// The outcome of an entry that must be sealed. The entry is decrypted into memory of its own, so a hit gives the
    /// backend's memory back here.
    @inline(never)
    private func open(
        _ bytes: UnsafeRawBufferPointer,
        with seal: EntrySeal,
        _ read: any StorageRead,
        owned: Bool,
        _ key: CacheKey,
        _ limits: FreshnessLimits,
        at now: CacheInstant
    ) throws(EntryFault) -> LookupOutcome {
        let entry = try seal.open(bytes, for: key)
        let version = purges.version
        let header = try entry.withUnsafeReadableBytes { (entry) throws(EntryFault) in
            try EntryHeader(verifying: entry, key: key, wasSealed: true, readsLabels: version != 0)
        }
        if version != 0, let miss = purgeMiss(header, key) { return .miss(miss) }
        let outcome = judge(header, .opened(entry), limits, at: now)
        if owned {
            switch outcome {
            case .hit, .stale: read.release()
            case .miss: break
            }
        }
        return outcome
    }

    /// Why an entry must not be served because of purges. It is nil where it may be served.
    @inline(never)
    private func purgeMiss(_ header: EntryHeader, _ key: CacheKey) -> CacheMiss? {
        guard purges.isKnown else { return .unverified }
        return isPurged(header, key) ? .purged : nil
    }

    /// Whether an entry was purged.
    func isPurged(_ header: EntryHeader, _ key: CacheKey) -> Bool {
        let version = purges.version
        guard version > 1 else { return false }
        if version != purged.version { purged = (purges.current, version) }
        return purged.marks.cover(header.facts, key: EntryLabel(key: key))
    }

    /// Whether an answer that is kept in case the model fails was purged meanwhile.
    public func isPurged(_ kept: KeptAnswer, under key: CacheKey) -> Bool { isPurged(kept.header, key) }

    private func judge(
        _ header: EntryHeader,
        _ source: CacheHit.Source,
        _ limits: FreshnessLimits,
        at now: CacheInstant
    ) -> LookupOutcome {
        let freshness = Freshness(
            storedAt: header.storedAt,
            timeToLive: header.timeToLive,
            staleWhileRevalidate: header.staleWhileRevalidate,
            staleIfError: header.staleIfError,
            limits: limits,
            now: now.unixMilliseconds
        )
        switch freshness {
        case .fresh(let age, let remaining):
            let left = remaining.map { Int64(clamping: $0) }
            return .hit(CacheHit(header: header, source: source, age: age, remainingTimeToLive: left))
        case .acceptablyStale(let age, let staleness):
            let left = -Int64(clamping: staleness)
            return .hit(CacheHit(header: header, source: source, age: age, remainingTimeToLive: left))
        case .revalidating(let age, let staleness):
            let left = -Int64(clamping: staleness)
            return .hit(
                CacheHit(header: header, source: source, age: age, remainingTimeToLive: left, excuse: .revalidating)
            )
        case .staleIfError(let age, let staleness):
            let left = -Int64(clamping: staleness)
            return .stale(CacheHit(header: header, source: source, age: age, remainingTimeToLive: left, excuse: .error))
        case .expired: return .miss(.expired)
        case .tooOld: return .miss(.tooOld)
        }
    }
}

extension LookupOutcome {
    /// The outcome for a part, which is never stale because it is not refreshed by itself.
    fileprivate var ofPart: LookupOutcome {
        switch self {
        case .stale: .miss(.expired)
        case .hit(let hit) where hit.wantsRefresh: .miss(.expired)
        case .hit, .miss: self
        }
    }
}
