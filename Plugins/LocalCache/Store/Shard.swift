/// One of the parts that the store is divided into, each behind its own lock: an index, the eviction queues and the
/// counters. It never frees an entry, but hands the entries that it removes to `RetiredEntries`.
///
/// It is unchecked because the targets of its pointers belong to it and are only reached through the shard's `Mutex`.
struct Shard: ~Copyable, @unchecked Sendable {
    private var index = Index()
    private var policy = EvictionPolicy(ghostCapacity: Index.leastCapacity / 2)
    private var sweepPosition = 0
    private(set) var statistics = StoreStatistics()

    var count: Int { index.count }

    /// All memory of the shard that grows and shrinks, in bytes: entries, index and ghosts.
    var bytes: Int { policy.entryBytes + index.bytes + policy.ghosts.bytes }

    /// The entry under a key, with a reference for the caller. It is nil for a miss.
    mutating func find(
        _ hash: UInt32,
        _ key: UnsafeRawBufferPointer,
        now: UInt64,
        retired: inout RetiredEntries
    ) -> Entry? {
        guard let position = index.find(hash, key), let entry = index[position].entry else {
            statistics.misses &+= 1
            return nil
        }
        guard !entry.isExpired(at: now) else {
            statistics.misses &+= 1
            statistics.expirations &+= 1
            take(at: position, retired: &retired)
            return nil
        }
        statistics.hits &+= 1
        policy.hit(entry)
        entry.retain()
        return entry
    }

    /// Stores an entry, which replaces an entry of the same key.
    mutating func insert(
        _ entry: Entry,
        now: UInt64,
        retired: inout RetiredEntries
    ) {
        guard let position = index.find(entry.header.pointee.hash, entry.key), let old = index[position].entry else {
            if index.insert(entry) { policy.resizeGhosts(to: index.capacity / 2) }
            policy.insert(entry)
            return
        }
        if old.isExpired(at: now) { statistics.expirations &+= 1 }
        index.replace(at: position, with: entry)
        policy.replace(old, with: entry)
        retired.add(old)
    }

    /// - Returns: whether there was such an entry.
    mutating func remove(
        _ hash: UInt32,
        _ key: UnsafeRawBufferPointer,
        now: UInt64,
        retired: inout RetiredEntries
    ) -> Bool {
        guard let position = index.find(hash, key), let entry = index[position].entry else { return false }
        let isExpired = entry.isExpired(at: now)
        if isExpired { statistics.expirations &+= 1 }
        take(at: position, retired: &retired)
        return !isExpired
    }

    /// Evicts the entry that is worth least.
    /// - Returns: whether there was an entry besides the spared one.
    mutating func evict(sparing spared: Entry?, now: UInt64, retired: inout RetiredEntries) -> Bool {
        guard let entry = policy.evict(sparing: spared) else { return false }
        if let position = index.find(entry) { index.remove(at: position) }
        if index.shrinkIfSparse() { policy.resizeGhosts(to: index.capacity / 2) }
        if entry.isExpired(at: now) { statistics.expirations &+= 1 } else { statistics.evictions &+= 1 }
        retired.add(entry)
        return true
    }

    /// Examines the next few slots and removes expired entries. It is called with every operation, and goes around the
    /// shard again and again in small steps.
    mutating func sweep(slots: Int, now: UInt64, retired: inout RetiredEntries) {
        let seconds = now / 1_000_000_000
        for _ in 0..<slots {
            let slot = index[sweepPosition]
            if slot.entry != nil, slot.expiresBy != 0, slot.expiresBy <= seconds {
                statistics.expirations &+= 1
                take(at: sweepPosition, retired: &retired)
            } else {
                sweepPosition = (sweepPosition + 1) & (index.capacity - 1)
            }
        }
    }

    /// Removes the entries whose key begins with a prefix, in about `slots` slots from `hash` on.
    /// - Returns: the hash to continue from, or nil where the walk is finished.
    mutating func flush(
        _ prefix: UnsafeRawBufferPointer,
        from hash: UInt32,
        slots: Int,
        retired: inout RetiredEntries
    ) -> UInt32? {
        var position = index.home(hash)
        let end = position + slots
        // It stops only at an empty slot: then no entry with a lower home is beyond it, nor can one be moved there from
        // beyond it until the walk is resumed. Past the last slot, the entries that wrapped around are visited.
        while position < index.capacity || index[position].entry != nil {
            guard let entry = index[position].entry else {
                position += 1
                if position >= end, position < index.capacity { return index.hash(atHome: position) }
                continue
            }
            if entry.key.starts(with: prefix) {
                index.remove(at: position)
                policy.remove(entry)
                retired.add(entry)
            } else {
                position += 1
            }
        }
        if index.shrinkIfSparse() { policy.resizeGhosts(to: index.capacity / 2) }
        return nil
    }

    private mutating func take(at position: Int, retired: inout RetiredEntries) {
        guard let entry = index[position].entry else { return }
        index.remove(at: position)
        if index.shrinkIfSparse() { policy.resizeGhosts(to: index.capacity / 2) }
        policy.remove(entry)
        retired.add(entry)
    }
}
