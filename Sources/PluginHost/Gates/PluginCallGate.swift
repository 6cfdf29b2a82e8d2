import PluginAPI
import Synchronization

/// Makes calls as the plugin's thread model requires (rule T-2).
enum PluginCallGate: Sendable {
    case concurrent
    case serial(SerialGate)
    case blocking(BlockingPool)
}

/// Makes one call at a time. The calls do not wait for anything, so the event loops do not wait for one another for
/// long.
final class SerialGate: Sendable {
    private let lock = Mutex(())

    func run(_ call: PluginCall, _ mark: CallMark) -> Int32 {
        lock.withLock { _ in call.run(mark) }
    }
}
