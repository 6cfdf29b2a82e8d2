import NIOCore
import Synchronization

/// Counts the calls of one minute against a limit. The next minute begins with the first call after the end of the last.
struct RateWindow {
    static let length = TimeAmount.minutes(1)

    let limit: Int
    private var end = NIODeadline.distantPast
    private var count = 0

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Counts a call, unless the limit is reached.
    ///
    /// - Returns: when the next minute begins, if the limit is reached.
    mutating func take(now: NIODeadline) -> NIODeadline? {
        if now >= end {
            end = now + Self.length
            count = 0
        }
        guard count < limit else { return end }
        count += 1
        return nil
    }

    /// Takes back a call that has not begun.
    mutating func giveBack() {
        count = max(0, count - 1)
    }
}

/// A deployment's calls of the present minute, which event loops share.
final class DeploymentRate: Sendable {
    private let window: Mutex<RateWindow>

    /// - Parameter limit: how many calls the deployment takes in a minute.
    init(limit: Int) {
        window = Mutex(RateWindow(limit: limit))
    }

    /// Counts a call, unless the limit is reached.
    ///
    /// - Returns: when the next minute begins, if the limit is reached.
    func take(now: NIODeadline) -> NIODeadline? { window.withLock { $0.take(now: now) } }

    /// Takes back a call that has not begun.
    func giveBack() { window.withLock { $0.giveBack() } }
}
