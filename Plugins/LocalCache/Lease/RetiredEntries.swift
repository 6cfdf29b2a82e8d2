/// Entries that a shard has given up, to be dropped once its lock is released: freeing memory takes too long to do
/// under the lock. Chained through the entries themselves, so that retiring allocates nothing.
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
