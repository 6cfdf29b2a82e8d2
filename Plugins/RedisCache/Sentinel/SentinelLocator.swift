import PluginKit

/// [I/O thread] Asks sentinels which server is the master, one after another until one knows. Calls during a query
/// share its answer.
final class SentinelLocator: Locator {
    private struct Found {
        let master: RedisEndpoint
        let sentinel: RedisEndpoint
    }

    /// How long the master may leave a command unanswered before the sentinels are asked whether it is still the
    /// master.
    private static let patience: UInt64 = 500_000_000
    private static let watchInterval: UInt64 = 500_000_000

    private let instance: RedisInstance
    private let service: String
    /// The sentinels, of which the one that answered last comes first.
    private var sentinels: [RedisEndpoint]
    private var answers: [(Result<RedisEndpoint, BackendFailure>) -> Void] = []
    private var inquiry: ServerInquiry<Found>?
    private var isClosed = false

    /// - Parameter service: the name of the master at the sentinels.
    init(_ instance: RedisInstance, _ sentinels: [RedisEndpoint], service: String) {
        self.instance = instance
        self.sentinels = sentinels
        self.service = service
    }

    func locate(_ answer: @escaping (Result<RedisEndpoint, BackendFailure>) -> Void) {
        guard !isClosed else { return }
        answers.append(answer)
        guard inquiry == nil else { return }
        let question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]
        let inquiry = ServerInquiry<Found>(instance, .sentinel, question) { [service] reply, sentinel in
            Self.read(reply, from: sentinel, service: service)
        } finish: { [weak self] outcome in
            self?.ended(outcome)
        }
        self.inquiry = inquiry
        inquiry.start(sentinels, orElse: BackendFailure(.unavailable, "there are no sentinels"))
    }

    /// A master that hangs keeps its connections open, so that only the sentinels know that another has taken over.
    func watch(_ connections: @escaping () -> [RedisConnection]) {
        let loop = instance.loop
        loop.alarms.set(at: loop.now &+ Self.watchInterval) { [weak self] in
            guard let self, !isClosed else { return }
            watch(connections)
            let troubled = connections().filter { connection in
                connection.waitingSince.map { $0 &+ Self.patience < loop.now } ?? false
            }
            guard !troubled.isEmpty else { return }
            locate { result in
                guard case .success(let master) = result else { return }
                for connection in troubled where connection.waitingSince != nil && connection.endpoint != master {
                    let reason = "\(connection.name) is the master no longer, \(master) is"
                    connection.lose(BackendFailure(.unavailable, reason))
                }
            }
        }
    }

    func close() {
        isClosed = true
        inquiry?.cancel(BackendFailure(.cancelled, "the cache is shutting down"))
        inquiry = nil
        answers = []
    }

    private static func read(
        _ reply: Reply,
        from sentinel: RedisEndpoint,
        service: String
    ) -> Result<Found, BackendFailure> {
        if reply.isNull {
            let reason = "sentinel \(sentinel) knows no master called '\(service)'; check 'service_name'"
            return .failure(BackendFailure(.unavailable, reason))
        }
        guard let host = reply[0]?.bytes, let port = reply[1]?.text.flatMap({ Int64($0) }),
            let master = RedisEndpoint(reported: host, port: port)
        else {
            let reason = "sentinel \(sentinel) does not answer as a sentinel does"
            return .failure(BackendFailure(.badAnswer, reason))
        }
        return .success(Found(master: master, sentinel: sentinel))
    }

    private func ended(_ outcome: Result<Found, BackendFailure>) {
        inquiry = nil
        if case .success(let found) = outcome {
            sentinels.removeAll { $0 == found.sentinel }
            sentinels.insert(found.sentinel, at: 0)
        }
        let answers = answers
        self.answers = []
        for answer in answers { answer(outcome.map(\.master)) }
    }
}
