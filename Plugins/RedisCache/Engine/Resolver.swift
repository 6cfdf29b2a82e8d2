import PluginKit
import Synchronization

/// Looks up host names on a thread of its own, since name servers may take their time. The thread is made when the
/// first name is asked for.
final class Resolver: Sendable {
    private struct Job {
        let host: String
        let port: UInt16
        let link: UInt64
        let attempt: UInt64
    }

    private struct State {
        var jobs: [Job] = []
        var thread: WorkerThread?
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let inbox: Inbox

    init?(inbox: Inbox) {
        guard let wakeUp = WakeUp(blocks: true) else { return nil }
        self.wakeUp = wakeUp
        self.inbox = inbox
    }

    /// The answer comes as a message.
    func resolve(host: String, port: UInt16, for link: UInt64, attempt: UInt64) {
        let isTaken = state.withLock { state in
            if state.thread == nil {
                state.thread = WorkerThread("gwp-redis-dns") { [self] in run() }
            }
            guard state.thread != nil else { return false }
            // A connection wants one answer, to its latest question: however slow name servers are, no queue grows.
            state.jobs.removeAll { $0.link == link }
            state.jobs.append(Job(host: host, port: port, link: link, attempt: attempt))
            return true
        }
        if isTaken {
            wakeUp.signal()
        } else {
            let failure = BackendFailure(.unavailable, "'\(host)' cannot be looked up: no thread could be made for it")
            inbox.post(.resolved(link: link, attempt: attempt, .failure(failure)))
        }
    }

    /// Ends the thread, once it is done with the name that it is at.
    func stop() {
        let thread = state.withLock { state in
            state.isStopping = true
            return state.thread.take()
        }
        wakeUp.signal()
        thread?.join()
    }

    private func run() {
        while true {
            wakeUp.wait()
            let (job, isStopping) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopping)
            }
            if isStopping { return }
            guard let job else { continue }
            let addresses = SocketAddress.resolve(host: job.host, port: job.port, isNumeric: false)
            inbox.post(.resolved(link: job.link, attempt: job.attempt, addresses))
        }
    }
}
