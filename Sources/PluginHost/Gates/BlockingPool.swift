import CrashReport
import Glibc
import PluginAPI
import Synchronization

/// The threads on which a plugin may wait, behind a bounded queue (rule T-2).
///
/// It is `@unchecked Sendable` because the lock guards everything that changes.
final class BlockingPool: @unchecked Sendable {
    /// A call that waits for a thread.
    final class Job: Sendable {
        let call: PluginCall
        /// Called with the call's status, unless that is GW_PENDING.
        let finished: @Sendable (Int32) -> Void

        init(_ call: PluginCall, finished: @escaping @Sendable (Int32) -> Void) {
            self.call = call
            self.finished = finished
        }
    }

    typealias Ticket = CallQueue<Job>.Ticket

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: CallQueue<Job>
    private var isStopped = false
    private var idleThreads = 0
    private var threads = 0
    private let mostThreads: Int

    /// The title of the plugin.
    private let title: String

    /// Starts no thread: each is started by the first call that finds the others at work.
    init(title: String, threads: Int, capacity: Int) {
        self.title = title
        mostThreads = max(1, threads)
        queue = CallQueue(capacity: capacity)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(work, nil)
    }

    deinit {
        pthread_cond_destroy(work)
        pthread_mutex_destroy(lock)
        work.deallocate()
        lock.deallocate()
    }

    /// Queues a call.
    /// - Parameter isUrgent: whether it comes before all that are not urgent.
    /// - Returns: the call's place. It is nil if the queue is full.
    func submit(_ job: Job, isUrgent: Bool) -> Ticket? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard !isStopped, let ticket = queue.append(job, isUrgent: isUrgent) else { return nil }
        // A thread that was signalled counts as idle until it runs again.
        if queue.count > idleThreads, threads < mostThreads,
            ControlThread.start(named: "gateway-plugin", { self.run() })
        {
            threads += 1
        }
        pthread_cond_signal(work)
        return ticket
    }

    /// Takes a call out of the queue, unless a thread has begun it.
    func withdraw(_ ticket: Ticket) -> CallQueue<Job>.Withdrawal {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return queue.withdraw(ticket)
    }

    /// Lets the threads end. Calls that no thread has begun are cancelled.
    func stop() {
        pthread_mutex_lock(lock)
        isStopped = true
        let left = queue.removeAll()
        pthread_cond_broadcast(work)
        pthread_mutex_unlock(lock)
        for job in left { job.finished(GW_ECANCELLED) }
    }

    private func run() {
        let mark = CallMark(title: title)
        defer { mark.free() }
        crash_report_prepare_thread()
        pthread_mutex_lock(lock)
        while true {
            if let begun = queue.next() {
                pthread_mutex_unlock(lock)
                let status = begun.call.call.run(mark)
                if status != GW_PENDING { begun.call.finished(status) }
                pthread_mutex_lock(lock)
                queue.returned(begun)
            } else if isStopped {
                break
            } else {
                idleThreads += 1
                pthread_cond_wait(work, lock)
                idleThreads -= 1
            }
        }
        pthread_mutex_unlock(lock)
    }
}
