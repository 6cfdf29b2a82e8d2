/// The outcomes of looking many keys up at once, in the order of the keys. Call `release` exactly once.
public struct BatchOutcome {
    /// What was found for each key, in the order of the keys.
    public let outcomes: [LookupOutcome]
    let read: (any StorageRead)?

    /// How many bytes all bodies that were found have together.
    public var bodyBytes: Int {
        outcomes.reduce(0) { sum, outcome in
            if case .hit(let hit) = outcome { sum + hit.bodyLength } else { sum }
        }
    }

    /// Gives back the memory of all hits, which are not released one by one.
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
