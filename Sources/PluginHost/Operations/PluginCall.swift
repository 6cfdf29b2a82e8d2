import NIOPosix
import PluginAPI
import Synchronization

/// One call into the plugin.
///
/// It is `@unchecked Sendable` because the operation's memory is the plugin's until the operation has ended, and the
/// block that owns it is not reused before that.
struct PluginCall: @unchecked Sendable {
    enum Operation {
        case get(UnsafeMutablePointer<gw_get_op>)
        case set(UnsafeMutablePointer<gw_set_op>)
        case delete(UnsafeMutablePointer<gw_del_op>)
        case ping(UnsafeMutablePointer<gw_plain_op>)
        case flush(UnsafeMutablePointer<gw_flush_op>)
    }

    let functions: PluginFunctions
    let cache: OpaquePointer
    let operation: Operation

    func run() -> Int32 {
        switch operation {
        case .get(let operation): functions.get(cache, operation)
        case .set(let operation): functions.set(cache, operation)
        case .delete(let operation): functions.delete?(cache, operation) ?? GW_ENOTSUP
        case .ping(let operation): functions.ping(cache, operation)
        case .flush(let operation): functions.flush?(cache, operation) ?? GW_ENOTSUP
        }
    }
}

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

    func run(_ call: PluginCall) -> Int32 {
        lock.withLock { _ in call.run() }
    }
}

/// The threads on which a plugin may wait, behind a bounded queue.
final class BlockingPool: Sendable {
    private let pool: NIOThreadPool
    private let queued = Atomic<Int>(0)
    private let capacity: Int

    init(threads: Int, capacity: Int) {
        self.capacity = capacity
        pool = NIOThreadPool(numberOfThreads: max(1, threads))
        pool.start()
    }

    /// Queues a call. `finished` is called with its status, unless that is GW_PENDING.
    /// - Returns: GW_PENDING, or GW_EBUSY if the queue is full.
    func submit(_ call: PluginCall, finished: @escaping @Sendable (Int32) -> Void) -> Int32 {
        guard queued.wrappingAdd(1, ordering: .relaxed).newValue <= capacity else {
            queued.wrappingSubtract(1, ordering: .relaxed)
            return GW_EBUSY
        }
        pool.submit { state in
            self.queued.wrappingSubtract(1, ordering: .relaxed)
            switch state {
            case .active:
                let status = call.run()
                if status != GW_PENDING { finished(status) }
            case .cancelled:
                finished(GW_ECANCELLED)
            }
        }
        return GW_PENDING
    }

    func stop() {
        pool.shutdownGracefully { _ in }
    }
}
