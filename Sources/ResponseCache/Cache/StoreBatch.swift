/// Entries on their way to the backend. On its loop only.
final class StoreBatch {
    private(set) var items: [StorageItem] = []
    private var entries: [PendingStore] = []
    /// What the table of pending stores knows them by; empty while they are not in it.
    private var generations: [UInt64] = []
    /// What the backend has answered: nil for each item that it has. Nil: it has not.
    var failures: [StorageFailure?]?

    init(capacity: Int) {
        items.reserveCapacity(capacity)
        entries.reserveCapacity(capacity)
    }

    func add(_ entry: NewEntry) {
        items.append(entry.item)
        entries.append(entry.held)
    }

    func put(into table: PendingStores) {
        generations = zip(items, entries).map { table.insert($0.key, $1) }
        entries = []
    }

    func takeOut(of table: PendingStores) {
        for (item, generation) in zip(items, generations) { table.remove(item.key, generation: generation) }
        generations = []
    }

    /// Whether the backend has answered that it does not have all of them.
    var hasFailures: Bool {
        guard let failures else { return false }
        return failures.count < items.count || failures.contains { $0 != nil }
    }

    /// Why the backend does not have an item; nil: it does, or has not answered.
    func failure(of item: Int) -> StorageFailure? {
        guard let failures else { return nil }
        guard item < failures.count else {
            return StorageFailure(code: .defect, message: "it answered fewer entries than it was given")
        }
        return failures[item]
    }
}
