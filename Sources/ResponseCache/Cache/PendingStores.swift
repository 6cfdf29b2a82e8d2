import NIOCore
import Synchronization

/// The stores that the backend has not confirmed yet, with their entries, for all event loops.
///
/// A client that asks again at once gets its hit from here, however slow the backend is. The table is bounded in bytes:
/// where there is no room, the oldest entries are removed, which costs a miss at worst. While the table is empty, a
/// look-up is one relaxed load.
public final class PendingStores: Sendable {
    private let count = Atomic<Int>(0)
    private let state: Mutex<State>

    /// - Parameter capacity: how many bytes of entries are held at most.
    public init(capacity: Int = 64 << 20) {
        state = Mutex(State(capacity: max(0, capacity)))
    }

    /// How many entries are held.
    public var entryCount: Int { count.load(ordering: .relaxed) }

    /// How many bytes the entries have together.
    public var byteCount: Int { state.withLock { $0.bytes } }

    /// Holds an entry, in place of an earlier one of that key, until `remove` names the generation that is returned.
    func insert(_ key: CacheKey, _ entry: PendingStore) -> UInt64 {
        state.withLock { state in
            let generation = state.insert(key.digest, entry)
            count.store(state.entries.count, ordering: .relaxed)
            return generation
        }
    }

    func find(_ key: CacheKey) -> PendingStore? {
        guard count.load(ordering: .relaxed) > 0 else { return nil }
        return state.withLock { $0.entries[key.digest]?.entry }
    }

    /// Removes an entry, unless a later one has taken its place.
    func remove(_ key: CacheKey, generation: UInt64) {
        state.withLock { state in
            state.remove(key.digest, generation: generation)
            count.store(state.entries.count, ordering: .relaxed)
        }
    }

    /// Removes the entry of that key, if there is one.
    public func remove(_ key: CacheKey) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        state.withLock { state in
            if let held = state.entries[key.digest] { state.remove(key.digest, generation: held.generation) }
            count.store(state.entries.count, ordering: .relaxed)
        }
    }

    /// Removes every entry, as when the cache is flushed.
    public func removeAll() {
        state.withLock { state in
            state.removeAll()
            count.store(0, ordering: .relaxed)
        }
    }
}

/// An entry as it was handed to the backend, with its header parsed.
struct PendingStore: Sendable {
    let header: EntryHeader
    let body: [ByteBuffer]
}

private struct State {
    struct Held {
        let entry: PendingStore
        let generation: UInt64
        let size: Int
    }

    let capacity: Int
    var entries: [SHA256Digest: Held] = [:]
    private(set) var bytes = 0
    private var lastGeneration: UInt64 = 0
    /// The oldest comes first. Removed generations are skipped, and are dropped once they are the majority.
    private var order: [(digest: SHA256Digest, generation: UInt64)] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func insert(_ digest: SHA256Digest, _ entry: PendingStore) -> UInt64 {
        lastGeneration += 1
        if let earlier = entries[digest] { remove(digest, generation: earlier.generation) }
        let size = entry.header.bodyLength + EntryLayout.fixedLength
        guard size <= capacity else { return lastGeneration }
        entries[digest] = Held(entry: entry, generation: lastGeneration, size: size)
        order.append((digest, lastGeneration))
        bytes += size
        while bytes > capacity, oldest < order.count {
            let first = order[oldest]
            oldest += 1
            remove(first.digest, generation: first.generation)
        }
        compactOrder()
        return lastGeneration
    }

    mutating func remove(_ digest: SHA256Digest, generation: UInt64) {
        guard let held = entries[digest], held.generation == generation else { return }
        entries[digest] = nil
        bytes -= held.size
        if entries.isEmpty {
            order.removeAll(keepingCapacity: order.capacity <= 1024)
            oldest = 0
        }
    }

    mutating func removeAll() {
        entries = [:]
        order = []
        oldest = 0
        bytes = 0
    }

    private mutating func compactOrder() {
        guard order.count > 64, order.count > 2 * entries.count else { return }
        order = order[oldest...].filter { entries[$0.digest]?.generation == $0.generation }
        oldest = 0
    }
}
