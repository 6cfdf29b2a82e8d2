/// The outcomes of looking many keys up at once, in the order of the keys. Call `release` exactly once.
public struct BatchOutcome {
    public let outcomes: [LookupOutcome]
    let read: (any StorageRead)?

    /// Gives the memory of all hits back; they are not released one by one.
    public func release() {
        read?.release()
    }
}

/// What `ResponseCache.lookupMany` returns.
public enum BatchLookup {
    case done(BatchOutcome)
    /// The answer comes later, on the loop.
    case pending(PendingBatchLookup)
}

/// A look-up of many keys whose answer is still to come. On its loop only.
public final class PendingBatchLookup {
    private let read: any StorageRead
    private let finish: () -> BatchOutcome
    private var isOver = false

    init(_ read: any StorageRead, finish: @escaping () -> BatchOutcome) {
        self.read = read
        self.finish = finish
    }

    /// Calls `body` once with the outcomes, unless the look-up is cancelled first. Call it at most once.
    public func whenDone(_ body: @escaping (BatchOutcome) -> Void) {
        let deliver = { [self] in
            guard !isOver else { return }
            isOver = true
            body(finish())
        }
        if read.isDone { deliver() } else { read.whenDone(deliver) }
    }

    /// Loses interest. Nothing is called any more, and there is nothing to release.
    public func cancel() {
        guard !isOver else { return }
        isOver = true
        read.release()
    }
}
