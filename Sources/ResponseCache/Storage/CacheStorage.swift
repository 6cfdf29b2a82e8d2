public import NIOCore

/// Where entries are kept, as one event loop sees it: every call and every callback is on that loop.
///
/// Nothing here throws: a store that is down, slow or lying answers with `StorageOutcome.failed`, which is a miss to a request.
public protocol CacheStorage: AnyObject {
    /// Looks one key up. The read of an inline answer is done when it is returned.
    func get(_ key: CacheKey, deadline: NIODeadline) -> any StorageRead

    /// Looks many keys up with one question; the outcomes are in the order of `keys`.
    func get(_ keys: [CacheKey], deadline: NIODeadline) -> any StorageRead

    /// Stores one entry. `completion` is called exactly once, on the loop, possibly before this returns, with nil where it is
    /// stored.
    func set(_ item: StorageItem, deadline: NIODeadline, completion: @escaping (_ failure: StorageFailure?) -> Void)

    /// Stores entries. `completion` is called exactly once, on the loop, possibly before this returns, with one element for
    /// each item: nil where it is stored. A shorter answer counts as failed for the rest.
    func set(
        _ items: [StorageItem],
        deadline: NIODeadline,
        completion: @escaping (_ failures: [StorageFailure?]) -> Void
    )

    /// Removes entries, if they are there. Nobody waits for it, and its failure matters to nobody.
    func delete(_ keys: [CacheKey])

    /// How long the backend keeps an entry for which nobody says anything, in milliseconds; nil: for as long as there is room.
    var defaultTimeToLive: UInt64? { get }
}

/// The answer to a `get`, there already or to come. Whoever asked calls `release` exactly once, done or not.
public protocol StorageRead: AnyObject {
    var isDone: Bool { get }

    /// Calls `body` once, on the loop, when the answer is there. Only for a read that is not done; never called after `release`.
    func whenDone(_ body: @escaping () -> Void)

    /// How many keys were asked for.
    var count: Int { get }

    /// What became of one key. Only once the read is done.
    func outcome(at index: Int) -> StorageOutcome

    /// Gives back the memory behind the outcomes and loses interest in an answer that is still to come.
    func release()
}

/// What became of one key of a read.
public enum StorageOutcome {
    /// The stored bytes, valid and unchanged until the read is released.
    case hit(UnsafeRawBufferPointer)
    case miss
    case failed(StorageFailure)
}

/// One entry to store.
public struct StorageItem: Sendable {
    /// What the entry is found by.
    public let key: CacheKey
    /// The entry is their concatenation.
    public let parts: [ByteBuffer]
    /// In milliseconds; 0: for as long as there is room.
    public let timeToLive: UInt64

    /// An entry to be written; `timeToLive` is in milliseconds.
    public init(key: CacheKey, parts: [ByteBuffer], timeToLive: UInt64) {
        self.key = key
        self.parts = parts
        self.timeToLive = timeToLive
    }
}
