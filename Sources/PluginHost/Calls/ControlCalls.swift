import Dispatch
import NIOCore
import Synchronization

/// Makes the [control] calls of an instance, each on a thread of its own, so that a call that does not return holds
/// nobody for longer than its budget (rules C-2, C-6 and C-7).
///
/// A call that takes longer than a second is named in the log. After one that exceeded its budget no other is made,
/// because [control] calls must not overlap (rule T-1).
final class ControlCalls: Sendable {
    /// Why a call has no result.
    enum Failure: Error, Equatable {
        /// It has not returned within its budget.
        case overran(PluginFunction)
        /// An earlier call has not returned.
        case held(by: PluginFunction)
        /// The process was asked to stop meanwhile.
        case interrupted
        /// The system has no more threads.
        case noThread
    }

    private static let patience = DispatchTimeInterval.seconds(1)
    /// How often a waiting caller looks whether the process was asked to stop.
    private static let glance = DispatchTimeInterval.milliseconds(20)

    private let title: String
    private let isInterrupted: @Sendable () -> Bool
    private let log: @Sendable (String) -> Void
    private let present = Mutex<PluginFunction?>(nil)

    /// - Parameters:
    ///   - isInterrupted: whether the process was asked to stop, so that a caller waits no longer.
    ///   - log: writes a warning.
    init(
        title: String,
        isInterrupted: @escaping @Sendable () -> Bool,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.title = title
        self.isInterrupted = isInterrupted
        self.log = log
    }

    /// [control] Makes a call and waits for its result, but not longer than `budget`.
    func run<Result: Sendable>(
        _ function: PluginFunction,
        budget: TimeAmount,
        _ call: @escaping @Sendable () -> Result
    ) throws(Failure) -> Result {
        let earlier = present.withLock { present in
            defer { if present == nil { present = function } }
            return present
        }
        if let earlier { throw .held(by: earlier) }
        let outcome = Outcome<Result>()
        let isStarted = ControlThread.start(named: "gateway-control") { [self] in
            let result = CallMark.once(title, function, call)
            present.withLock { $0 = nil }
            outcome.set(result)
        }
        guard isStarted else {
            present.withLock { $0 = nil }
            throw .noThread
        }
        let began = DispatchTime.now()
        let end = began + .nanoseconds(Int(clamping: max(0, budget.nanoseconds)))
        var isNamed = false
        while true {
            let now = DispatchTime.now()
            if outcome.wait(until: min(end, now + Self.glance)), let result = outcome.value { return result }
            if isInterrupted() { throw .interrupted }
            if !isNamed, DispatchTime.now() >= began + Self.patience {
                isNamed = true
                log("\(title) has not returned from \(function.name) for a second")
            }
            if DispatchTime.now() >= end { throw .overran(function) }
        }
    }
}

/// The result of a call on another thread.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Value?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    var value: Value? { result.withLock { $0 } }

    func set(_ value: Value) {
        result.withLock { $0 = value }
        isThere.signal()
    }

    func wait(until time: DispatchTime) -> Bool { isThere.wait(timeout: time) == .success }
}
