import PluginKit

/// [I/O thread] Sends everything to one server: the configured one, or the one that sentinels name as the master.
final class SingleRouter: Router, ConnectionOwner {
    private unowned let client: any RouterOwner
    private let locator: any Locator
    private var connections: ServerConnections?
    private let purpose: Login.Purpose
    /// The time until which a connection to a replica is kept. It is nil where none was closed so far.
    private var nextReplicaDrop: UInt64?
    private var replicaPause: UInt64 = 10_000_000_000
    private static let longestReplicaPause: UInt64 = 600_000_000_000

    /// - Parameter purpose: the required kind of server.
    init(_ client: any RouterOwner, _ locator: any Locator, _ purpose: Login.Purpose) {
        self.client = client
        self.locator = locator
        self.purpose = purpose
    }

    func start() {
        let connections = ServerConnections(client.instance, purpose, owner: self)
        self.connections = connections
        connections.want()
        locator.watch { [weak connections] in [connections?.lookups, connections?.writes].compactMap { $0 } }
    }

    func start(_ request: OperationRequest) {
        guard let connection = connections?.connection(for: request) else { return }
        switch request.operation {
        case .get:
            request.expect(parts: 1)
            connection.send(OperationPart(client, request, .all(request.count)))
        case .set, .delete, .ping, .flush, .inquire:
            request.expect(parts: request.count)
            for index in 0..<request.count { connection.send(OperationPart(client, request, .one(index))) }
        }
    }

    func ping(_ request: OperationRequest) {
        request.expect(parts: 1)
        connections?.lookups.send(OperationPart(client, request, .all(0)))
    }

    func everyServer(_ body: @escaping (Result<[RedisConnection], BackendFailure>) -> Void) {
        body(.success([connections?.writes].compactMap { $0 }))
    }

    func serves(beside servers: [any MonitoredServer]) -> Bool { false }

    func gaveUp(_ request: OperationRequest) -> [any MonitoredServer] { [] }

    func groups(_ keys: [Reply]) -> [[Reply]] { keys.isEmpty ? [] : [keys] }

    func react(to error: ServerError, _ part: OperationPart, on connection: RedisConnection) -> Reaction {
        guard error == .readOnly else { return .fail }
        // The server is a replica, not the master. After a fail-over the name, or the sentinels, lead to the new
        // master. Where they do not, the connection is made anew at growing intervals.
        let now = client.instance.loop.now
        if let next = nextReplicaDrop, now < next { return .fail }
        nextReplicaDrop = now &+ replicaPause
        replicaPause = min(2 * replicaPause, Self.longestReplicaPause)
        return .drop
    }

    func close() {
        locator.close()
        connections?.close(BackendFailure(.cancelled, "the cache is shutting down"))
    }

    // MARK: The connections

    func locate(_ connection: RedisConnection, attempt: UInt64) {
        locator.locate { [weak connection] result in connection?.located(result, attempt: attempt) }
    }

    func isReady(_ connection: RedisConnection) {
        guard let connections, connections.areReady else { return }
        client.isUp("server", "connected to \(connection.name)")
    }

    func isLost(_ connection: RedisConnection, _ failure: BackendFailure) { client.isDown("server", failure) }
}
