import Synchronization

/// The breaker of an instance, shared by the event loops. While it is closed, it costs a look-up two relaxed loads of a
/// word that is not written.
final class SharedBreaker: Sendable {
    private enum Condition {
        static let closed = 0
        static let failing = 1
        static let open = 2
    }

    private let condition = Atomic<Int>(Condition.closed)
    private let breaker: Mutex<Breaker>
    private let clock: PluginClock
    private let report: @Sendable (Breaker.Event) -> Void

    /// - Parameter report: called once for each change of state, on the thread that noticed it, without the lock.
    init(settings: Breaker.Settings, clock: PluginClock, report: @escaping @Sendable (Breaker.Event) -> Void) {
        self.breaker = Mutex(Breaker(settings: settings))
        self.clock = clock
        self.report = report
    }

    func admit() -> Breaker.Admission {
        guard condition.load(ordering: .relaxed) == Condition.open else { return .pass }
        let now = clock.monotonicNanoseconds()
        return breaker.withLock { $0.admit(now: now) }
    }

    func succeeded(isProbe: Bool) {
        guard condition.load(ordering: .relaxed) != Condition.closed else { return }
        change { $0.succeeded(isProbe: isProbe) }
    }

    func failed(_ reason: String, code: String, isProbe: Bool) {
        let (now, jitter) = (clock.monotonicNanoseconds(), Double.random(in: 0..<1))
        change { $0.failed(reason, code: code, isProbe: isProbe, now: now, jitter: jitter) }
    }

    func saidNothing(isProbe: Bool) {
        guard isProbe else { return }
        change {
            $0.saidNothing(isProbe: true)
            return nil
        }
    }

    func reportedDown(_ reason: String) {
        let (now, jitter) = (clock.monotonicNanoseconds(), Double.random(in: 0..<1))
        change { $0.reportedDown(reason, now: now, jitter: jitter) }
    }

    func reportedUp() {
        let now = clock.monotonicNanoseconds()
        change {
            $0.reportedUp(now: now)
            return nil
        }
    }

    var snapshot: (isOpen: Bool, lastFailure: String?, lastCode: String?) {
        breaker.withLock { ($0.isOpen, $0.lastFailure, $0.lastCode) }
    }

    private func change(_ body: (inout Breaker) -> Breaker.Event?) {
        let event = breaker.withLock { breaker in
            let event = body(&breaker)
            condition.store(
                breaker.isOpen
                    ? Condition.open : breaker.consecutiveFailures > 0 ? Condition.failing : Condition.closed,
                ordering: .relaxed
            )
            return event
        }
        if let event { report(event) }
    }
}
