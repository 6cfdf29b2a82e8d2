import Synchronization

/// A breaker of an instance, shared by the event loops. While it is closed, it costs a look-up two relaxed loads of a
/// word that is not written.
final class SharedBreaker: Sendable {
    private enum Condition {
        static let closed = 0
        static let failing = 1
        static let open = 2
        static let disabled = 3
    }

    private let condition = Atomic<Int>(Condition.closed)
    private let opened = Atomic<Int>(0)
    private let breaker: Mutex<Breaker>
    private let clock: PluginClock
    private let report: @Sendable (Breaker.Event) -> Void

    /// - Parameter report: called once for each change of state, on the thread that noticed it, without the lock.
    init(settings: Breaker.Settings, clock: PluginClock, report: @escaping @Sendable (Breaker.Event) -> Void) {
        self.breaker = Mutex(Breaker(settings: settings))
        self.clock = clock
        self.report = report
    }

    /// Whether the instance has failed for good.
    var isDisabled: Bool { condition.load(ordering: .relaxed) == Condition.disabled }

    /// Whether nothing or only a probe is admitted.
    var isOpen: Bool { condition.load(ordering: .relaxed) >= Condition.open }

    /// How often it has opened.
    var openings: Int { opened.load(ordering: .relaxed) }

    func admit() -> Breaker.Admission {
        guard isOpen else { return .pass }
        let now = clock.monotonicNanoseconds()
        return breaker.withLock { $0.admit(now: now) }
    }

    func succeeded(isProbe: Bool) {
        guard condition.load(ordering: .relaxed) != Condition.closed else { return }
        change { $0.succeeded(isProbe: isProbe) }
    }

    func failed(_ reason: String, code: String, isProbe: Bool, retryAfter: UInt64 = 0) {
        let (now, jitter) = (clock.monotonicNanoseconds(), Double.random(in: 0..<1))
        change {
            $0.failed(reason, code: code, isProbe: isProbe, now: now, jitter: jitter, retryAfter: retryAfter)
        }
    }

    func pingSucceeded() {
        guard condition.load(ordering: .relaxed) == Condition.open else { return }
        change { $0.pingSucceeded() }
    }

    func pingFailed(_ reason: String, code: String) {
        let (now, jitter) = (clock.monotonicNanoseconds(), Double.random(in: 0..<1))
        change { $0.pingFailed(reason, code: code, now: now, jitter: jitter) }
    }

    func disable(_ reason: String, code: String) {
        change {
            $0.disable(reason, code: code)
            return nil
        }
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

    /// Why nothing or only a probe is admitted. It is nil where everything is.
    var outage: PluginHealth.Outage? {
        breaker.withLock { breaker in
            guard breaker.isOpen else { return nil }
            return PluginHealth.Outage(reason: breaker.lastFailure ?? "", code: breaker.lastCode ?? "")
        }
    }

    private func change(_ body: (inout Breaker) -> Breaker.Event?) {
        let event = breaker.withLock { breaker in
            let event = body(&breaker)
            let present =
                if breaker.isDisabled {
                    Condition.disabled
                } else if breaker.isOpen {
                    Condition.open
                } else {
                    breaker.consecutiveFailures > 0 ? Condition.failing : Condition.closed
                }
            condition.store(present, ordering: .relaxed)
            return event
        }
        if case .opened = event { opened.add(1, ordering: .relaxed) }
        if let event { report(event) }
    }
}
