/// Entries that a shard has removed, to be dropped once its lock is released, because freeing memory takes too long
/// under the lock. They are chained through themselves, so that retiring allocates nothing.
struct RetiredEntries {
    private var first: Entry?
    private(set) var count = 0

    mutating func add(_ entry: Entry) {
        entry.header.pointee.newer = first
        first = entry
        count += 1
    }

    mutating func next() -> Entry? {
        guard let entry = first else { return nil }
        first = entry.header.pointee.newer
        count -= 1
        return entry
    }
}
