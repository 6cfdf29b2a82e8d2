import Deadlines
import NIOCore
import PluginHost

/// Pings the backend every few seconds on one event loop. Readiness reports how long that takes, and a backend that was
/// down is found to be back without a request having to try it. It is bound to its event loop.
final class BackendProbe: Expiring {
    private static let interval: TimeAmount = .seconds(5)
    private static let limit: TimeAmount = .seconds(2)

    private let port: PluginPort
    private let roundTrip: RoundTrip
    private let deadlines: Deadlines
    private var next: Deadlines.Token?
    private var isStopped = false

    init(port: PluginPort, roundTrip: RoundTrip, deadlines: Deadlines) {
        self.port = port
        self.roundTrip = roundTrip
        self.deadlines = deadlines
    }

    /// Starts with a ping at once.
    func start() { ping() }

    func stop() {
        isStopped = true
        if let next { deadlines.disarm(next) }
        next = nil
    }

    func deadlinePassed(reason: UInt32) {
        next = nil
        ping()
    }

    private func ping() {
        guard !isStopped else { return }
        let began = NIODeadline.now()
        port.ping(deadline: began + Self.limit) { [self] failure in
            if failure == nil { roundTrip.note(.now() - began) } else { roundTrip.forget() }
        }
        next = deadlines.arm(after: Self.interval, for: self, reason: 0)
    }
}
