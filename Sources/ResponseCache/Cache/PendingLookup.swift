/// A look-up of one key whose answer is still to come.
public typealias PendingLookup = Pending<LookupOutcome>

/// A look-up of many keys whose answer is still to come.
public typealias PendingBatchLookup = Pending<BatchOutcome>

/// An answer of storage that is still to come. It is used on its loop only.
public final class Pending<Outcome> {
    private let read: any StorageRead
    private let finish: () -> Outcome
    private var isOver = false

    init(_ read: any StorageRead, finish: @escaping () -> Outcome) {
        self.read = read
        self.finish = finish
    }

    /// Calls `body` once with the outcome, unless the look-up is cancelled first. Call it at most once.
    public func whenDone(_ body: @escaping (Outcome) -> Void) {
        let deliver = { [self] in
            guard !isOver else { return }
            isOver = true
            body(finish())
        }
        // The answer may have come between the look-up and this call.
        if read.isDone { deliver() } else { read.whenDone(deliver) }
    }

    /// Cancels the look-up, as when the client disconnects. Nothing is called any more, and there is nothing to
    /// release.
    public func cancel() {
        guard !isOver else { return }
        isOver = true
        read.release()
    }
}
