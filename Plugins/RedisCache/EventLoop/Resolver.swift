import PluginKit
import Synchronization

/// [any thread] Looks up host names on a thread of its own, since name servers may take long. The thread is made when
/// the first name is requested.
final class Resolver: Sendable {
    private struct Job {
        let host: String
        let port: UInt16
        let connection: UInt64
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

    /// Looks up a host for a connection. The answer is sent to the I/O thread as a message.
    func resolve(host: String, port: UInt16, for connection: UInt64, attempt: UInt64) {
        let isTaken = state.withLock { state in
            if state.thread == nil {
                state.thread = WorkerThread("gwp-redis-dns") { [self] in run() }
            }
            guard state.thread != nil else { return false }
            // A connection needs an answer to its latest query only, so the queue cannot grow, however slow name
            // servers are.
            state.jobs.removeAll { $0.connection == connection }
            state.jobs.append(Job(host: host, port: port, connection: connection, attempt: attempt))
            return true
        }
        if isTaken {
            wakeUp.signal()
        } else {
            let failure = BackendFailure(.unavailable, "'\(host)' cannot be looked up: no thread could be made for it")
            inbox.post(.resolved(connection: connection, attempt: attempt, .failure(failure)))
        }
    }

    /// [control] Ends the thread, once the current look-up is done.
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
            inbox.post(.resolved(connection: job.connection, attempt: job.attempt, addresses))
        }
    }
}
