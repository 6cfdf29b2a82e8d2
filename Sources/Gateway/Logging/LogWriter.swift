import CThreads
import Glibc

/// Writes log lines from a thread of its own, so that no other thread ever waits for the log to be read.
///
/// Lines are written whole and in the order in which they were queued. Lines for which there is no room, or that cannot
/// be written, are counted, and their number is logged once lines can be written again. The writer lives as long as the
/// process.
///
/// It is `@unchecked Sendable` because the lock guards everything that changes, and only the writer's thread uses
/// `sink`.
final class LogWriter: @unchecked Sendable {
    /// Why lines are missing from the log.
    enum Gap {
        /// The queue was full.
        case unread
        /// The system refused them, with this error number.
        case refused(Int32)
    }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when there is something to write.
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Signalled when everything has been written.
    private let rest = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: LogQueue
    private var isWriting = false
    private var sink: LineSink
    private let notice: @Sendable (Int, Gap) -> [UInt8]

    /// Starts the thread. It inherits the signal mask of the calling one.
    ///
    /// - Parameter notice: makes the line that reports how many lines are missing.
    /// - Throws: `CannotServe` where the system has no more threads.
    init(
        to sink: LineSink = LineSink(descriptor: STDERR_FILENO),
        bounds: LogQueue.Bounds = LogQueue.Bounds(),
        notice: @escaping @Sendable (Int, Gap) -> [UInt8]
    ) throws {
        self.queue = LogQueue(bounds: bounds)
        self.sink = sink
        self.notice = notice
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(work, &attributes)
        pthread_cond_init(rest, &attributes)
        pthread_condattr_destroy(&attributes)
        // A reader that has closed the pipe and a file at its size limit then cause errors of the write.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                pthread_setname_np(pthread_self(), "gateway-log")
                Unmanaged<LogWriter>.fromOpaque(context).takeRetainedValue().run()
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        guard code == 0 else {
            throw CannotServe("cannot start the thread that writes the log: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }

    /// [any thread] Queues a line, which ends in a line feed. It never waits for the log.
    func write(_ line: [UInt8]) { append(line, count: 1, leavesRoom: false) }

    /// [any thread] Queues many lines, each of which ends in a line feed. It never waits for the log, and leaves room in
    /// the queue for other lines.
    func write(_ bytes: [UInt8], lines count: Int) { append(bytes, count: count, leavesRoom: true) }

    private func append(_ bytes: [UInt8], count: Int, leavesRoom: Bool) {
        pthread_mutex_lock(lock)
        queue.append(bytes, count: count, leavesRoom: leavesRoom)
        if !isWriting { pthread_cond_signal(work) }
        pthread_mutex_unlock(lock)
    }

    /// [any thread] Waits until every line is written, but no longer than `milliseconds`.
    func flush(within milliseconds: Int) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = deadline.tv_nsec + milliseconds % 1_000 * 1_000_000
        deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(lock)
        while isWriting || !queue.isEmpty {
            if pthread_cond_timedwait(rest, lock, &deadline) == ETIMEDOUT { break }
        }
        pthread_mutex_unlock(lock)
    }

    private func run() -> Never {
        var lost = 0
        var lastError: Int32 = 0
        while true {
            let (line, count) =
                switch take() {
                case .lines(let bytes, let count): (bytes, count)
                case .dropped(let count): (notice(count, .unread), count)
                }
            if lost > 0, sink.put(notice(lost, .refused(lastError))) == 0 { lost = 0 }
            let code = lost > 0 ? lastError : sink.put(line)
            if code != 0 {
                lost += count
                lastError = code
            }
        }
    }

    /// Waits for the next item.
    private func take() -> LogQueue.Item {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let item = queue.next() {
                isWriting = true
                return item
            }
            isWriting = false
            pthread_cond_broadcast(rest)
            pthread_cond_wait(work, lock)
        }
    }
}
