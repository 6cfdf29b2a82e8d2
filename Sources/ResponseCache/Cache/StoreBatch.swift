/// Entries on their way to the backend. The batch is used on its loop only.
final class StoreBatch {
    private(set) var items: [StorageItem] = []
    private(set) var headers: [EntryHeader] = []
    private var entries: [PendingStore] = []
    /// The generations of the entries in the table of pending stores. It is empty while they are not in the table.
    private var generations: [UInt64] = []
    /// The backend's answer, with nil for each item that it has stored. It is nil until the backend answers.
    var failures: [StorageFailure?]?

    init(capacity: Int) {
        items.reserveCapacity(capacity)
        headers.reserveCapacity(capacity)
        entries.reserveCapacity(capacity)
    }

    func add(_ entry: NewEntry) {
        items.append(entry.item)
        headers.append(entry.held.header)
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

    /// Whether the backend has answered that some item was not stored.
    var hasFailures: Bool {
        guard let failures else { return false }
        return failures.count < items.count || failures.contains { $0 != nil }
    }

    /// Why the backend has not stored an item. It is nil where the item is stored or the backend has not answered.
    func failure(of item: Int) -> StorageFailure? {
        guard let failures else { return nil }
        guard item < failures.count else {
            return StorageFailure(code: .defect, message: "it answered fewer entries than it was given")
        }
        return failures[item]
    }
}
