import Synchronization

/// What an instance knows about its backend from the operations that fail and succeed: the breakers of its look-ups and
/// of its writes, and how its pings end.
struct BackendBreakers: Sendable {
    /// The breaker of get.
    let lookups: SharedBreaker
    /// The breaker of set, del and flush.
    let writes: SharedBreaker
    let pings: PingRecord

    /// A ping was answered, so that the backend can be reached.
    func pingSucceeded() {
        pings.ended(failure: nil)
        lookups.pingSucceeded()
        writes.pingSucceeded()
    }

    /// A ping has failed.
    func pingFailed(_ reason: String, code: String) {
        pings.ended(failure: reason)
        lookups.pingFailed(reason, code: code)
        writes.pingFailed(reason, code: code)
    }

    func reportedDown(_ reason: String) {
        lookups.reportedDown(reason)
        writes.reportedDown(reason)
    }

    func reportedUp() {
        lookups.reportedUp()
        writes.reportedUp()
    }

    /// The instance has failed for good, and nothing is admitted any more.
    func disable(_ reason: String, code: String) {
        lookups.disable(reason, code: code)
        writes.disable(reason, code: code)
    }
}

/// How the pings of an instance end. Three that fail in a row are reported, since a plugin whose other operations
/// succeed would hide that its ping never does.
final class PingRecord: Sendable {
    /// A change that is reported once.
    enum Event: Sendable, Equatable {
        case failing(reason: String)
        case answered
    }

    private struct State {
        var failures = 0
        var reason: String?
    }

    private static let failuresToReport = 3

    private let state = Mutex(State())
    private let report: @Sendable (Event) -> Void

    /// - Parameter report: called once for each change, on the thread that noticed it, without the lock.
    init(report: @escaping @Sendable (Event) -> Void) {
        self.report = report
    }

    /// Why the last pings failed. It is nil where the last one was answered, or fewer than three have failed.
    var failure: String? {
        state.withLock { $0.failures >= Self.failuresToReport ? $0.reason : nil }
    }

    /// Whether the last ping failed.
    var hasFailed: Bool { state.withLock { $0.failures > 0 } }

    func ended(failure: String?) {
        let event: Event? = state.withLock { state in
            guard let failure else {
                defer { state = State() }
                return state.failures >= Self.failuresToReport ? .answered : nil
            }
            state.failures += 1
            state.reason = failure
            return state.failures == Self.failuresToReport ? .failing(reason: failure) : nil
        }
        if let event { report(event) }
    }
}
