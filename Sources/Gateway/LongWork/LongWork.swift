import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Computes what takes longer than a few milliseconds on threads of its own, so that other requests do not wait for it.
///
/// The event loops take precedence where both need a processor. See docs/decisions/0019.
final class LongWork: Sendable {
    /// JSON of at least this many bytes is read here.
    static let largeBody = 128 * 1024
    /// The memory of a body of at least this many bytes is freed here.
    static let costlyBody = 1 << 20
    /// How many pieces of work may wait or be in progress.
    private static let mostPending = 256
    /// The nice value of the threads: see setpriority(2).
    private static let niceness: Int32 = 1

    private let threads: NIOThreadPool
    private let pending = Atomic<Int>(0)

    /// - Parameter eventLoops: the number of event loops. There is one thread for every two, and at most four.
    init(eventLoops: Int) {
        threads = NIOThreadPool(numberOfThreads: min(4, max(1, eventLoops / 2)))
        threads.start()
    }

    /// [on the loop] Frees the memory of a large body on a thread, since unmapping 32 MB takes milliseconds, for which
    /// the loop would wait. Every other holder of the body must have released it when the loop's present turn ends.
    func dispose(of body: ByteBuffer, after loop: any EventLoop) {
        let remains = Remains(body)
        loop.assumeIsolated().execute { [self] in
            _ = submit(on: loop, { remains.clear() }, done: {})
        }
    }

    /// The last reference to a body. It is Sendable although it changes, because only the thread that clears it uses it
    /// after its initialiser.
    private final class Remains: @unchecked Sendable {
        private var body: ByteBuffer

        init(_ body: ByteBuffer) { self.body = body }

        func clear() { body = ByteBuffer() }
    }

    /// [on the loop] Computes `work` and calls `done` with it on the loop.
    ///
    /// - Returns: whether the work was accepted. If too much waits already, it returns false and calls nothing.
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
            // Work is cancelled only when the process ends, and then nothing waits for it.
            guard state == .active else { return }
            // On Linux this affects only the current thread. If it fails, other threads lose a little time.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
            let value = work()
            loop.execute { done(value) }
        }
        return true
    }
}
