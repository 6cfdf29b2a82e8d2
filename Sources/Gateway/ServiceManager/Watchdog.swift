import Dispatch

/// Tells the service manager at intervals that the gateway responds, as long as each event loop does.
///
/// A ping says that every event loop has run something since the last one. If a plugin holds one loop, no ping is sent
/// until it responds again, and the service manager ends and restarts the process as its unit says (`WatchdogSec=`).
final class Watchdog: Sendable {
    private let pause: DispatchTimeInterval
    private let askLoops: @Sendable (DispatchGroup) -> Void
    private let ping: @Sendable () -> Void
    private let queue = DispatchQueue(label: "gateway.watchdog")

    /// Starts. The first ping follows at once. It ends when the watchdog is released.
    ///
    /// - Parameters:
    ///   - interval: how often the service manager expects a ping.
    ///   - askLoops: enters the group once for each event loop, and leaves it as each answers.
    ///   - ping: tells the service manager. It is called on a thread of its own and may block.
    init(
        _ interval: WatchdogInterval,
        askLoops: @escaping @Sendable (DispatchGroup) -> Void,
        ping: @escaping @Sendable () -> Void
    ) {
        pause = .nanoseconds(interval.pauseNanoseconds)
        self.askLoops = askLoops
        self.ping = ping
        queue.async { [weak self] in self?.ask() }
    }

    /// Asks every loop, and asks again some time after all have answered.
    private func ask() {
        let answers = DispatchGroup()
        askLoops(answers)
        answers.notify(queue: queue) { [weak self] in
            guard let self else { return }
            ping()
            queue.asyncAfter(deadline: .now() + pause) { [weak self] in self?.ask() }
        }
    }
}
