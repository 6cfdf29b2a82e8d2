/// S3-FIFO: three first-in, first-out queues decide which entries are evicted.
///
/// New entries enter a small queue with a tenth of the bytes. Only those that were hit twice while crossing it move to
/// the main queue, so that a scan of keys that are not requested again passes through without displacing entries in
/// use. Entries that left the small queue too early are recognised by `Ghosts` and go to the main queue at once. A hit
/// only increments a two-bit counter. See Yang et al., "FIFO queues are all you need for cache eviction" (SOSP 2023),
/// and docs/decisions/0004-local-cache-evicts-by-s3-fifo.md.
struct EvictionPolicy: ~Copyable {
    private static let highestFrequency: UInt8 = 3
    /// The small queue's share of the bytes is one part in this many.
    private static let smallPart = 10
    /// After this many entries were spared for their hits in one search, the next is taken whatever its hits are: a
    /// search must not go around a whole queue of popular entries while a lock is held.
    private static let longestSearch = 64

    private(set) var small = EvictionQueue()
    private(set) var main = EvictionQueue()
    private(set) var ghosts: Ghosts

    init(ghostCapacity: Int) { ghosts = Ghosts(capacity: ghostCapacity) }

    /// The bytes of the entries in the queues.
    var entryBytes: Int { small.bytes + main.bytes }

    mutating func insert(_ entry: Entry) {
        let wasEvictedTooEarly = ghosts.recall(entry.header.pointee.hash, window: max(main.count, small.count))
        add(entry, toMain: wasEvictedTooEarly)
    }

    /// A new entry under the same key keeps the queue and the hits of the old one.
    mutating func replace(_ old: Entry, with new: Entry) {
        let toMain = old.header.pointee.isInMain
        new.header.pointee.frequency = old.header.pointee.frequency
        remove(old)
        add(new, toMain: toMain)
    }

    mutating func remove(_ entry: Entry) {
        if entry.header.pointee.isInMain { main.remove(entry) } else { small.remove(entry) }
    }

    func hit(_ entry: Entry) {
        let frequency = entry.header.pointee.frequency
        if frequency < Self.highestFrequency { entry.header.pointee.frequency = frequency + 1 }
    }

    /// Removes the entry to be evicted from the queues. It is nil where there is no entry but the spared one.
    mutating func evict(sparing spared: Entry? = nil) -> Entry? {
        var spares = 0
        while true {
            let smallIsDue = small.bytes * Self.smallPart > entryBytes && small.hasOther(than: spared)
            let fromSmall = smallIsDue || !main.hasOther(than: spared)
            guard let candidate = fromSmall ? small.oldest : main.oldest else { return nil }
            guard candidate != spared else {
                guard fromSmall ? small.hasOther(than: spared) : true else { return nil }
                remove(candidate)
                add(candidate, toMain: !fromSmall)
                continue
            }
            let frequency = candidate.header.pointee.frequency
            let isSpared = spares < Self.longestSearch && frequency > (fromSmall ? 1 : 0)
            remove(candidate)
            guard isSpared else {
                if fromSmall { ghosts.remember(candidate.header.pointee.hash) }
                return candidate
            }
            candidate.header.pointee.frequency = fromSmall ? 0 : frequency - 1
            add(candidate, toMain: true)
            spares += 1
        }
    }

    mutating func resizeGhosts(to capacity: Int) { ghosts.resize(to: capacity) }

    private mutating func add(_ entry: Entry, toMain: Bool) {
        entry.header.pointee.isInMain = toMain
        if toMain { main.push(entry) } else { small.push(entry) }
    }
}
