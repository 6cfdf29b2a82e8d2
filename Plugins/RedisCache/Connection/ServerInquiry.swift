import PluginKit

/// [I/O thread] Sends servers one query, one after another until one of them answers it, over connections that are
/// closed afterwards.
final class ServerInquiry<Answer>: ConnectionOwner {
    typealias Outcome = Result<Answer, BackendFailure>

    private let instance: RedisInstance
    private let purpose: Login.Purpose
    private let question: [String]
    private let read: (Reply, RedisEndpoint) -> Outcome
    private let finish: (Outcome) -> Void
    private var candidates: ArraySlice<RedisEndpoint> = []
    private var asked: RedisEndpoint?
    private var connection: RedisConnection?

    /// - Parameters:
    ///   - purpose: the required kind of servers.
    ///   - question: the arguments of a command.
    ///   - read: parses a reply of the given server, which it must not keep. After a failure the next server is asked.
    ///   - finish: called once with the answer or the last failure, unless the inquiry is cancelled.
    init(
        _ instance: RedisInstance,
        _ purpose: Login.Purpose,
        _ question: [String],
        read: @escaping (Reply, RedisEndpoint) -> Outcome,
        finish: @escaping (Outcome) -> Void
    ) {
        self.instance = instance
        self.purpose = purpose
        self.question = question
        self.read = read
        self.finish = finish
    }

    /// Asks the first server.
    /// - Parameter failure: the outcome where there is no server at all.
    func start(_ servers: [RedisEndpoint], orElse failure: BackendFailure) {
        candidates = servers[...]
        askNext(failure)
    }

    /// Ends it without an outcome.
    func cancel(_ failure: BackendFailure) {
        let connection = connection.take()
        connection?.close(failure)
    }

    private func askNext(_ failure: BackendFailure) {
        cancel(failure)
        guard let server = candidates.popFirst() else { return finish(.failure(failure)) }
        asked = server
        let connection = RedisConnection(instance, purpose, owner: self)
        self.connection = connection
        connection.send(
            ServerQuery(question) { [weak self] result in
                guard let self, self.connection === connection else { return }
                switch result.mapError(self.named).flatMap({ self.read($0, server) }) {
                case .failure(let failure): self.askNext(failure)
                case .success(let answer): self.answered(answer)
                }
            }
        )
    }

    private func answered(_ answer: Answer) {
        let connection = connection.take()
        // This must not happen within the connection's own call.
        instance.loop.alarms.set(at: instance.loop.now) {
            connection?.close(BackendFailure(.cancelled, "the question is answered"))
        }
        finish(.success(answer))
    }

    /// A failure to reach a server. It names the kind of server where that does not hold entries.
    private func named(_ failure: BackendFailure) -> BackendFailure {
        purpose == .sentinel ? BackendFailure(failure.status, "sentinel \(failure.reason)") : failure
    }

    // MARK: The connection

    func locate(_ connection: RedisConnection, attempt: UInt64) {
        if let asked { connection.located(.success(asked), attempt: attempt) }
    }

    func isReady(_ connection: RedisConnection) {}

    func isLost(_ connection: RedisConnection, _ failure: BackendFailure) {}
}
