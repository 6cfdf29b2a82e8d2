import Glibc
import Synchronization

/// Watches the calls that an instance's event loops make, from a thread of its own, and reports those that hold a loop.
final class LoopWatch: Sendable {
    private static let intervalMicroseconds: UInt32 = 250_000

    private let marks = Mutex<[CallMark]>([])
    private let isStopped = Atomic<Bool>(false)
    private let clock: PluginClock
    private let report: @Sendable (CallWatch.Event) -> Void

    /// - Parameter report: called on the watching thread.
    init(clock: PluginClock, report: @escaping @Sendable (CallWatch.Event) -> Void) {
        self.clock = clock
        self.report = report
    }

    /// Watches another thread's calls.
    func add(_ mark: CallMark) { marks.withLock { $0.append(mark) } }

    /// Starts the thread, which runs until `stop`.
    /// - Parameter tick: called on the watching thread a few times a second.
    func start(tick: @escaping @Sendable () -> Void) {
        _ = ControlThread.start(named: "gateway-watch") { [self] in
            var watch = CallWatch()
            while !isStopped.load(ordering: .relaxed) {
                usleep(Self.intervalMicroseconds)
                let calls = marks.withLock { $0.map(\.present) }
                for event in watch.check(calls, now: clock.monotonicNanoseconds()) { report(event) }
                tick()
            }
        }
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }
}
