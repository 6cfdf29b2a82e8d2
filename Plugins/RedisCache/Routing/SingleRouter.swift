import PluginKit

/// Everything goes to one server: the configured one, or the one that sentinels call the master.
final class SingleRouter: Router, LinkOwner {
    private unowned let client: Client
    private let locator: any Locator
    private var lanes: Lanes?
    private let purpose: Login.Purpose
    private var nextReplicaDrop: UInt64?
    private var replicaPause: UInt64 = 10_000_000_000
    private static let longestReplicaPause: UInt64 = 600_000_000_000

    init(_ client: Client, _ locator: any Locator, _ purpose: Login.Purpose) {
        self.client = client
        self.locator = locator
        self.purpose = purpose
    }

    func start() {
        let lanes = Lanes(client.loop, purpose, owner: self)
        self.lanes = lanes
        lanes.want()
        locator.watch { [weak lanes] in [lanes?.lookups, lanes?.writes].compactMap { $0 } }
    }

    func start(_ request: OperationRequest) {
        guard let link = lanes?.link(for: request) else { return }
        switch request.operation {
        case .get:
            request.expect(parts: 1)
            link.send(OperationPart(client, request, .all(request.count)))
        case .set, .delete, .ping, .flush:
            request.expect(parts: request.count)
            for index in 0..<request.count { link.send(OperationPart(client, request, .one(index))) }
        }
    }

    func ping(_ request: OperationRequest) {
        request.expect(parts: 1)
        lanes?.lookups.send(OperationPart(client, request, .all(0)))
    }

    func everyServer(_ body: @escaping (Result<[Link], BackendFailure>) -> Void) {
        body(.success([lanes?.writes].compactMap { $0 }))
    }

    func serves(beside nodes: [ClusterNode]) -> Bool { false }

    func gaveUp(_ request: OperationRequest) -> [ClusterNode] { [] }

    func groups(_ keys: [Reply]) -> [[Reply]] { keys.isEmpty ? [] : [keys] }

    func react(to error: ServerError, _ part: OperationPart, on link: Link) -> Reaction {
        guard error == .readOnly else { return .fail }
        // A replica where the master should be: after a fail-over the name, or the sentinels, lead to the new one.
        // Where they do not, it is tried ever less often.
        let now = client.loop.now
        if let next = nextReplicaDrop, now < next { return .fail }
        nextReplicaDrop = now &+ replicaPause
        replicaPause = min(2 * replicaPause, Self.longestReplicaPause)
        return .drop
    }

    func close() {
        locator.close()
        lanes?.close(BackendFailure(.cancelled, "the cache is shutting down"))
    }

    // MARK: The connections

    func locate(_ link: Link, attempt: UInt64) {
        locator.locate { [weak link] result in link?.located(result, attempt: attempt) }
    }

    func isReady(_ link: Link) {
        guard let lanes, lanes.lookups.isReady, lanes.writes.isReady else { return }
        client.isUp("server", "connected to \(link.name)")
    }

    func isLost(_ link: Link, _ failure: BackendFailure) { client.isDown("server", failure) }
}
