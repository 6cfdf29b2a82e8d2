/// What the gateway tells its service manager about itself, as sd_notify(3) defines it.
enum ServiceState: Equatable, Sendable {
    /// It serves. This also ends `reloading`.
    case ready
    /// It reads its configuration again, and `ready` follows whatever comes of that.
    ///
    /// - Parameter monotonicMicroseconds: CLOCK_MONOTONIC when the reload began. A service of `Type=notify-reload` needs
    ///   it, to tell the answer to its own signal from an earlier one.
    case reloading(monotonicMicroseconds: UInt64)
    /// It has begun to stop.
    case stopping
    /// It responds. This is the ping that a service with `WatchdogSec=` owes.
    case alive

    /// The datagram: assignments, one a line.
    var message: String {
        switch self {
        case .ready: "READY=1\n"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)\n"
        case .stopping: "STOPPING=1\n"
        case .alive: "WATCHDOG=1\n"
        }
    }
}
