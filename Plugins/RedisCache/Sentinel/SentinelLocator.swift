import PluginKit

/// Asks sentinels which server is the master, one after the other until one knows. One question serves all who ask
/// meanwhile.
final class SentinelLocator: Locator, LinkOwner {
    /// How long the master may leave a command unanswered before the sentinels are asked whether it still is.
    private static let patience: UInt64 = 500_000_000
    private static let watchInterval: UInt64 = 500_000_000

    private let loop: IOLoop
    private let service: String
    /// The one that knew comes first.
    private var sentinels: [Endpoint]
    private var answers: [(Result<Endpoint, BackendFailure>) -> Void] = []
    private var candidates: [Endpoint] = []
    private var link: Link?
    private var asking: Endpoint?
    private var isClosed = false

    init(_ loop: IOLoop, _ sentinels: [Endpoint], service: String) {
        self.loop = loop
        self.sentinels = sentinels
        self.service = service
    }

    func locate(_ answer: @escaping (Result<Endpoint, BackendFailure>) -> Void) {
        guard !isClosed else { return }
        answers.append(answer)
        guard link == nil, candidates.isEmpty, answers.count == 1 else { return }
        candidates = sentinels
        askNext(BackendFailure(.unavailable, "there are no sentinels"))
    }

    /// A master that hangs keeps its connections open: only the sentinels can tell that another has taken over.
    func watch(_ links: @escaping () -> [Link]) {
        loop.alarms.set(at: loop.now &+ Self.watchInterval) { [weak self] in
            guard let self, !self.isClosed else { return }
            self.watch(links)
            let troubled = links().filter { link in
                link.waitingSince.map { $0 &+ Self.patience < self.loop.now } ?? false
            }
            guard !troubled.isEmpty else { return }
            self.locate { result in
                guard case .success(let master) = result else { return }
                for link in troubled where link.waitingSince != nil && link.endpoint != master {
                    link.lose(BackendFailure(.unavailable, "\(link.name) is the master no longer, \(master) is"))
                }
            }
        }
    }

    func close() {
        isClosed = true
        candidates = []
        link?.close(BackendFailure(.cancelled, "the cache is shutting down"))
        link = nil
        answers = []
    }

    private func askNext(_ failure: BackendFailure) {
        link?.close(failure)
        link = nil
        guard !candidates.isEmpty else { return ended(.failure(failure)) }
        let sentinel = candidates.removeFirst()
        asking = sentinel
        let link = Link(loop, .sentinel, owner: self)
        self.link = link
        link.send(
            Query(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", service]) { [weak self] result in
                guard let self, self.link === link else { return }
                switch result {
                case .failure(let failure):
                    self.askNext(BackendFailure(failure.status, "sentinel \(failure.reason)"))
                case .success(let reply): self.read(reply, from: sentinel)
                }
            }
        )
    }

    private func read(_ reply: Reply, from sentinel: Endpoint) {
        if reply.isNull {
            let reason = "sentinel \(sentinel) knows no master called '\(service)'; check 'service_name'"
            return askNext(BackendFailure(.unavailable, reason))
        }
        guard let host = reply[0]?.bytes, let port = reply[1]?.text.flatMap({ Int64($0) }),
            let master = Endpoint(reported: host, port: port)
        else {
            return askNext(BackendFailure(.badAnswer, "sentinel \(sentinel) does not answer as a sentinel does"))
        }
        sentinels.removeAll { $0 == sentinel }
        sentinels.insert(sentinel, at: 0)
        ended(.success(master))
    }

    private func ended(_ result: Result<Endpoint, BackendFailure>) {
        let link = link
        self.link = nil
        candidates = []
        // Not from within the connection's own call.
        loop.alarms.set(at: loop.now) { link?.close(BackendFailure(.cancelled, "the master is known")) }
        let answers = answers
        self.answers = []
        for answer in answers { answer(result) }
    }

    // MARK: The connection to a sentinel

    func locate(_ link: Link, attempt: UInt64) {
        if let asking { link.located(.success(asking), attempt: attempt) }
    }

    func isReady(_ link: Link) {}

    func isLost(_ link: Link, _ failure: BackendFailure) {}
}
