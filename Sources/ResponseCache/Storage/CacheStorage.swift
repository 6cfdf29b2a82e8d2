public import NIOCore

/// Storage for entries, as one event loop sees it. Every call and every callback is on that loop.
///
/// Nothing here throws. A store that is down, slow or faulty answers with `StorageOutcome.failed`, which is a miss to a
/// request.
public protocol CacheStorage: AnyObject {
    /// Looks up one key. A read that is answered inline is done when it is returned.
    func get(_ key: CacheKey, deadline: NIODeadline) -> any StorageRead

    /// Looks up many keys with one query. The outcomes are in the order of `keys`.
    func get(_ keys: [CacheKey], deadline: NIODeadline) -> any StorageRead

    /// Stores one entry. `completion` is called exactly once, on the loop, possibly before this returns, with nil where
    /// the entry is stored.
    func set(_ item: StorageItem, deadline: NIODeadline, completion: @escaping (_ failure: StorageFailure?) -> Void)

    /// Stores entries. `completion` is called exactly once, on the loop, possibly before this returns, with one element
    /// for each item, which is nil where the item is stored. Items for which an element is missing count as failed.
    func set(
        _ items: [StorageItem],
        deadline: NIODeadline,
        completion: @escaping (_ failures: [StorageFailure?]) -> Void
    )

    /// Removes entries, if they are there. Nothing waits for the removal, and its failure is ignored.
    func delete(_ keys: [CacheKey])

    /// How long the backend keeps an entry that has no time to live, in milliseconds. It is nil where the backend keeps
    /// it for as long as there is room.
    var defaultTimeToLive: UInt64? { get }

    /// Whether an entry that was taken counts as stored before `completion` has confirmed it.
    var answersForStores: Bool { get }
}

/// The answer to a `get`, which may still be to come. The caller calls `release` exactly once, whether it is done or
/// not.
public protocol StorageRead: AnyObject {
    var isDone: Bool { get }

    /// Calls `body` once, on the loop, when the answer is there. Call it only on a read that is not done. `body` is
    /// never called after `release`.
    func whenDone(_ body: @escaping () -> Void)

    /// How many keys were requested.
    var count: Int { get }

    /// The outcome of one key. Call it only once the read is done.
    func outcome(at index: Int) -> StorageOutcome

    /// Gives back the memory of the outcomes, or cancels the read where its answer is still to come.
    func release()
}

/// The outcome of one key of a read.
public enum StorageOutcome {
    /// The stored bytes, valid and unchanged until the read is released.
    case hit(UnsafeRawBufferPointer)
    case miss
    case failed(StorageFailure)
}

/// One entry to store.
public struct StorageItem: Sendable {
    /// The key that identifies the entry.
    public let key: CacheKey
    /// The entry is the concatenation of these buffers.
    public let parts: [ByteBuffer]
    /// The time to live in milliseconds. 0 means for as long as there is room.
    public let timeToLive: UInt64

    /// An entry to be written; `timeToLive` is in milliseconds.
    public init(key: CacheKey, parts: [ByteBuffer], timeToLive: UInt64) {
        self.key = key
        self.parts = parts
        self.timeToLive = timeToLive
    }
}
