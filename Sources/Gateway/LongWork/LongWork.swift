import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Computes what takes longer than a few milliseconds, on threads of its own, so that the requests of others do not wait for it.
///
/// The threads give way to the event loops where both want a processor. See docs/decisions/0019.
final class LongWork: Sendable {
    /// Bytes of JSON from which it is read here.
    static let largeBody = 128 * 1024
    /// Bytes of a body whose memory is given back here.
    static let costlyBody = 1 << 20
    /// Pieces of work that may wait or be under way.
    private static let mostPending = 256
    /// How much the threads give way: see setpriority(2).
    private static let niceness: Int32 = 1

    private let threads: NIOThreadPool
    private let pending = Atomic<Int>(0)

    /// - Parameter eventLoops: how many loops it works for; it has a thread for every two, and four at most.
    init(eventLoops: Int) {
        threads = NIOThreadPool(numberOfThreads: min(4, max(1, eventLoops / 2)))
        threads.start()
    }

    /// [on the loop] Gives the memory of a large body back, on a thread: to unmap 32 MB takes milliseconds, in which the loop
    /// would wait. Whoever else has the body must be done with it when the loop's present turn ends.
    func dispose(of body: ByteBuffer, after loop: any EventLoop) {
        let remains = Remains(body)
        loop.assumeIsolated().execute { [self] in
            _ = submit(on: loop, { remains.clear() }, done: {})
        }
    }

    /// The last reference to a body.
    // Sendable although it changes: the thread that clears it is the only one that touches it after its initialiser.
    private final class Remains: @unchecked Sendable {
        private var body: ByteBuffer

        init(_ body: ByteBuffer) { self.body = body }

        func clear() { body = ByteBuffer() }
    }

    /// [on the loop] Computes `work` and calls `done` with it on the loop.
    ///
    /// - Returns: false, and nothing is called, where too much waits already.
    func submit<Value: Sendable>(
        on loop: any EventLoop,
        _ work: @escaping @Sendable () -> Value,
        done: @escaping @Sendable (Value) -> Void
    ) -> Bool {
        guard pending.add(1, ordering: .relaxed).newValue <= Self.mostPending else {
            pending.subtract(1, ordering: .relaxed)
            return false
        }
        threads.submit { [self] state in
            defer { pending.subtract(1, ordering: .relaxed) }
            // Cancelled only when the process ends, and then nobody waits.
            guard state == .active else { return }
            // Of this thread alone, on Linux. That it fails costs others a little time.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
            let value = work()
            loop.execute { done(value) }
        }
        return true
    }
}
