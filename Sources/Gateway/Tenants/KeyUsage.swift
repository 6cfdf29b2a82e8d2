import Synchronization

/// How much the holders of one key may ask for.
struct KeyLimits: Sendable, Equatable {
    /// Requests in a minute.
    var requestsPerMinute: Int?
    /// Requests at a time.
    var parallelRequests: Int?

    var isEmpty: Bool { requestsPerMinute == nil && parallelRequests == nil }
}

/// What the holders of one key use at present. All event loops and generations share it.
final class KeyUsage: Sendable {
    /// Whether a request is within the limits.
    enum Verdict: Sendable, Equatable {
        case admitted
        /// There were too many in the last minute. The next one is admitted after so many nanoseconds.
        case tooMany(wait: UInt64)
        /// Too many are being answered.
        case tooManyAtOnce
    }

    /// What is left of a limit a minute.
    struct Figures: Sendable, Equatable {
        let limit: Int
        let remaining: Int
        /// How long it takes until all of it is left, in nanoseconds.
        let reset: UInt64
    }

    private struct State {
        var rate = RequestRate()
        var underWay = 0
    }

    private let state = Mutex(State())

    /// Counts a request, if it is within the limits. `end` follows for each that is admitted. [any thread]
    ///
    /// - Parameter now: the time in nanoseconds of the monotonic clock.
    func begin(_ limits: KeyLimits, at now: UInt64) -> Verdict {
        state.withLock { state in
            if let most = limits.parallelRequests, state.underWay >= most { return .tooManyAtOnce }
            if let limit = limits.requestsPerMinute {
                let wait = state.rate.admit(limit: limit, at: now)
                if wait > 0 { return .tooMany(wait: wait) }
            }
            state.underWay += 1
            return .admitted
        }
    }

    /// A request that was admitted has ended. [any thread]
    func end() {
        state.withLock { $0.underWay -= 1 }
    }

    /// What is left of the limit a minute. It is nil where there is none. [any thread]
    func figures(_ limits: KeyLimits, at now: UInt64) -> Figures? {
        guard let limit = limits.requestsPerMinute else { return nil }
        return state.withLock { state in
            Figures(
                limit: limit,
                remaining: state.rate.remaining(limit: limit, at: now),
                reset: state.rate.inUse(at: now)
            )
        }
    }

    /// How many requests are being answered.
    var underWay: Int { state.withLock { $0.underWay } }
}

/// What the holders of all keys with limits use, by the names of the keys. A configuration that takes the place of
/// another goes on counting where that one was.
final class KeyUsages: Sendable {
    private struct Entry {
        weak var usage: KeyUsage?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Returns the usage of a key, which is kept as long as anything refers to it.
    ///
    /// - Parameter name: the name of the key, which comes from the configuration.
    func usage(of name: String) -> KeyUsage {
        entries.withLock { entries in
            if let usage = entries[name]?.usage { return usage }
            entries = entries.filter { $0.value.usage != nil }
            let usage = KeyUsage()
            entries[name] = Entry(usage: usage)
            return usage
        }
    }
}
