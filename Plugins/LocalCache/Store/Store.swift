import Synchronization

/// A bounded map from keys to leased values, for any number of threads.
///
/// The bytes are one budget for all shards, so that an item larger than a shard's even share can be stored. A shard
/// over its share makes room itself. What is still needed is taken from the others, first from those over their share.
/// No lock is held for more than `longestHold` entries, and no two locks are held at once.
///
/// It is unchecked because of the pointer to the shards, which are laid out in `init` and freed in `deinit`; each is a
/// `Mutex`.
final class Store: @unchecked Sendable {
    enum StoreResult: Equatable, Sendable {
        case stored, tooLarge, outOfMemory
    }

    private static let longestHold = 256
    private static let slotsSweptByReads = 4
    private static let slotsSweptByWrites = 16

    let limits: StoreLimits
    private let hasher = KeyHasher()
    private let shards: UnsafeMutablePointer<Mutex<Shard>>
    private let shardCount: Int
    private let shardShift: UInt64
    private let shareOfShard: Int
    private let emptyBytes: Int
    /// The memory of the shards and everything in them, in bytes.
    private let used: Atomic<Int>
    /// The shard with which making room in other shards continues.
    private let reliefCursor = Atomic<Int>(0)
    private let rejections = Atomic<UInt64>(0)
    /// The memory of entries that are no longer stored but still leased. It is never less than the actual value, since
    /// an entry is added before its reference is dropped.
    private let leasedBytes = Atomic<Int>(0)

    init(limits: StoreLimits) {
        self.limits = limits
        shardCount = limits.shardCount
        shardShift = UInt64(64 - shardCount.trailingZeroBitCount)
        shareOfShard = limits.maxSize / shardCount
        shards = .allocate(capacity: shardCount)
        var bytes = shardCount * MemoryLayout<Mutex<Shard>>.stride
        for number in 0..<shardCount {
            (shards + number).initialize(to: Mutex(Shard()))
            bytes += shards[number].withLock { $0.bytes }
        }
        emptyBytes = bytes
        used = Atomic(bytes)
    }

    deinit {
        removeAll()
        shards.deinitialize(count: shardCount)
        shards.deallocate()
    }

    /// The entry under a key, leased to the caller. It is nil for a miss.
    func get(_ key: UnsafeRawBufferPointer, now: UInt64) -> Entry? {
        let hash = hasher.hash(key)
        var retired = RetiredEntries()
        let entry = withShard(of: hash) { shard -> Entry? in
            let before = shard.bytes
            let entry = shard.find(UInt32(truncatingIfNeeded: hash), key, now: now, retired: &retired)
            shard.sweep(slots: Self.slotsSweptByReads, now: now, retired: &retired)
            account(shard.bytes - before)
            return entry
        }
        drop(&retired)
        return entry
    }

    /// Stores a value of `count` bytes, which `fill` writes to the given address.
    func set(
        _ key: UnsafeRawBufferPointer,
        count: Int,
        expiresAt: UInt64,
        now: UInt64,
        fill: (UnsafeMutableRawPointer) -> Void
    ) -> StoreResult {
        guard count <= limits.maxItemSize, count < limits.maxSize - emptyBytes else { return reject(.tooLarge) }
        let hash = hasher.hash(key)
        let short = UInt32(truncatingIfNeeded: hash)
        guard let entry = Entry.make(key: key, hash: short, valueCount: count, expiresAt: expiresAt) else {
            return reject(.outOfMemory)
        }
        guard entry.charge <= limits.maxSize - emptyBytes else {
            _ = entry.release()
            return reject(.tooLarge)
        }
        fill(entry.valueStart)
        var retired = RetiredEntries()
        withShard(of: hash) { shard in
            let before = shard.bytes
            shard.insert(entry, now: now, retired: &retired)
            shard.sweep(slots: Self.slotsSweptByWrites, now: now, retired: &retired)
            let others = used.load(ordering: .relaxed) - before
            relieve(&shard, downTo: max(shareOfShard, limits.maxSize - others), sparing: entry, now, &retired)
            account(shard.bytes - before)
        }
        drop(&retired)
        makeRoom(sparing: entry, now: now)
        return .stored
    }

    /// - Returns: whether there was such an entry.
    func remove(_ key: UnsafeRawBufferPointer, now: UInt64) -> Bool {
        let hash = hasher.hash(key)
        var retired = RetiredEntries()
        let wasThere = withShard(of: hash) { shard -> Bool in
            let before = shard.bytes
            let wasThere = shard.remove(UInt32(truncatingIfNeeded: hash), key, now: now, retired: &retired)
            account(shard.bytes - before)
            return wasThere
        }
        drop(&retired)
        return wasThere
    }

    /// Removes the keys that begin with a prefix, or every key if the prefix is empty.
    /// - Returns: how many keys were removed.
    @discardableResult
    func flush(_ prefix: UnsafeRawBufferPointer) -> UInt64 {
        var removed: UInt64 = 0
        for number in 0..<shardCount {
            var next: UInt32? = 0
            while let hash = next {
                var retired = RetiredEntries()
                next = shards[number].withLock { shard -> UInt32? in
                    let before = shard.bytes
                    let next = shard.flush(prefix, from: hash, slots: Self.longestHold, retired: &retired)
                    account(shard.bytes - before)
                    return next
                }
                removed += UInt64(retired.count)
                drop(&retired)
            }
        }
        return removed
    }

    func removeAll() { flush(UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// Takes a lease back.
    /// - Returns: whether it was the last one on entries that are no longer stored.
    func release(_ entry: Entry) -> Bool {
        let charge = entry.charge
        guard entry.release() else { return false }
        return leasedBytes.subtract(charge, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Whether every entry that is no longer stored has been given back.
    var hasNoLeases: Bool { leasedBytes.load(ordering: .acquiring) == 0 }

    var statistics: StoreStatistics {
        var total = StoreStatistics()
        for number in 0..<shardCount {
            let (figures, count) = shards[number].withLock { ($0.statistics, $0.count) }
            total.add(figures)
            total.items += UInt64(clamping: count)
        }
        total.bytes = UInt64(clamping: used.load(ordering: .relaxed))
        total.leasedBytes = UInt64(clamping: leasedBytes.load(ordering: .relaxed))
        total.rejections = rejections.load(ordering: .relaxed)
        return total
    }
}

// MARK: Making room

extension Store {
    /// Evicts from a locked shard until it holds no more than `target` bytes.
    private func relieve(
        _ shard: inout Shard,
        downTo target: Int,
        sparing spared: Entry?,
        _ now: UInt64,
        _ retired: inout RetiredEntries
    ) {
        var evicted = 0
        while shard.bytes > target, evicted < Self.longestHold,
            shard.evict(sparing: spared, now: now, retired: &retired)
        {
            evicted += 1
        }
    }

    /// Evicts from one shard after another until the store is within its limit: in the first round only what shards
    /// hold beyond their share, then anything.
    ///
    /// The spared entry may have been freed, and another entry may have its address. Sparing that one does no harm.
    private func makeRoom(sparing spared: Entry, now: UInt64) {
        var visits = 0
        while used.load(ordering: .relaxed) > limits.maxSize, visits < Self.longestHold * shardCount {
            let number = reliefCursor.add(1, ordering: .relaxed).oldValue & (shardCount - 1)
            let least = visits < shardCount ? shareOfShard : 0
            visits += 1
            var retired = RetiredEntries()
            shards[number].withLock { shard in
                let before = shard.bytes
                let others = used.load(ordering: .relaxed) - before
                relieve(&shard, downTo: max(least, limits.maxSize - others), sparing: spared, now, &retired)
                account(shard.bytes - before)
            }
            drop(&retired)
        }
    }

    @inline(__always)
    private func withShard<Result: Sendable>(of hash: UInt64, _ body: (inout Shard) -> Result) -> Result {
        // With one shard the shift is by 64, which the smart shift turns into 0.
        shards[Int(truncatingIfNeeded: hash >> shardShift)].withLock { body(&$0) }
    }

    private func account(_ change: Int) {
        if change != 0 { used.add(change, ordering: .relaxed) }
    }

    /// Drops the store's references to the entries that shards have removed.
    private func drop(_ retired: inout RetiredEntries) {
        while let entry = retired.next() {
            let charge = entry.charge
            leasedBytes.add(charge, ordering: .relaxed)
            if entry.release() { leasedBytes.subtract(charge, ordering: .releasing) }
        }
    }

    private func reject(_ result: StoreResult) -> StoreResult {
        rejections.add(1, ordering: .relaxed)
        return result
    }
}
