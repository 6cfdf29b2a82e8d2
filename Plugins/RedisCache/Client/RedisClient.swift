import PluginKit
import Synchronization

/// [I/O thread] Carries out operations over the connections that its router chooses, and keeps the set of open
/// operations.
final class RedisClient: OperationHandler, RouterOwner {
    let instance: RedisInstance
    private(set) var usesUnlink = true
    private var router: (any Router)?
    private var open: [UInt64: OperationRequest] = [:]
    private var shutdown = ShutdownProgress()
    private var outage = OutageReports()

    init(_ instance: RedisInstance) { self.instance = instance }

    private var loop: IOLoop { instance.loop }

    func start() {
        switch instance.settings.deployment {
        case .server(let endpoint):
            router = SingleRouter(self, StandaloneLocator(endpoint), .data)
        case .sentinels(let sentinels, let service, _):
            router = SingleRouter(self, SentinelLocator(instance, sentinels, service: service), .master)
        case .cluster(let seeds): router = ClusterRouter(self, seeds)
        }
        router?.start()
    }

    // MARK: Operations

    func handle(_ message: OperationMessage) {
        switch message {
        case .start(let request): start(request)
        case .cancel(let id): cancel(id)
        case .shutDown(let request): shutdown.begin(request)
        }
    }

    private func start(_ request: OperationRequest) {
        open[request.id] = request
        instance.statistics.inFlight.store(open.count, ordering: .relaxed)
        guard let router, !shutdown.isUnderWay else {
            return fail(request, BackendFailure(.cancelled, "the cache is shutting down"))
        }
        switch request.operation {
        case .ping: router.ping(request)
        case .flush(let operation): RedisFlush(self, router, request, operation).start()
        case .inquire(let operation): RedisInquiry(self, router, request, operation).start()
        case .get, .set, .delete:
            guard request.count > 0 else { return fail(request, BackendFailure(.invalid, "there are no items")) }
            router.start(request)
        }
    }

    /// The host no longer waits. The commands keep their places in the pipeline, and their replies are dropped.
    private func cancel(_ id: UInt64) {
        guard let request = open[id] else { return }
        let silent = router?.gaveUp(request) ?? []
        fail(request, judged(BackendFailure(.timeout, "the server did not answer in time"), at: silent))
    }

    func fail(_ request: OperationRequest, _ failure: BackendFailure) {
        if request.abandon(failure) { over(request) }
    }

    func over(_ request: OperationRequest) {
        open[request.id] = nil
        instance.statistics.inFlight.store(open.count, ordering: .relaxed)
        loop.finish(request)
    }

    func judged(_ failure: BackendFailure, at servers: [any MonitoredServer]) -> BackendFailure {
        guard [.unavailable, .timeout].contains(failure.status), router?.serves(beside: servers) == true else {
            return failure
        }
        return BackendFailure(.partial, failure.reason)
    }

    func serverSaid(_ text: String, to part: OperationPart, on connection: RedisConnection) throws(BackendFailure) {
        let error = ServerError(text, asked: connection.endpoint)
        if error == .unknownCommand, case .delete = part.request.operation, usesUnlink {
            usesUnlink = false
            return connection.send(part)
        }
        let reaction = router?.react(to: error, part, on: connection) ?? .fail
        if reaction == .takenCareOf { return }
        let failure = BackendFailure(error.status, explained(error, text, connection))
        if error == .unauthorized || error == .outOfMemory { say(error, failure) }
        if error == .clusterDown { part.server?.servesNothing(failure) }
        part.failed(failure)
        if reaction == .drop { throw failure }
    }

    private func explained(_ error: ServerError, _ text: String, _ connection: RedisConnection) -> String {
        switch error {
        case .unauthorized:
            "\(connection.name) forbids a command: \(text); check 'username', 'password' and what the user may do"
        case .outOfMemory:
            "\(connection.name) is full: \(text); raise its maxmemory or set an eviction policy such as allkeys-lru"
        case .readOnly: "\(connection.name) is a replica and takes no writes: \(text)"
        case .moved, .ask: "\(connection.name) is a node of a cluster: \(text); name it in 'redis_startup_nodes'"
        default: "\(connection.name) answered: \(text)"
        }
    }

    // MARK: The state of the backend

    // The host logs each change of the backend's state. Other events, such as the failure of a second node of a cluster
    // while the first has failed, are logged here: each outage of each server is logged once when it begins and once
    // when it ends.

    func isUp(_ server: String, _ news: String) {
        let wasDown = outage.isFailing(server)
        if outage.recovered(server) { return instance.host.report(.up, news) }
        guard wasDown else { return }
        instance.host.log(.info, news)
        if let reason = outage.reason { instance.host.report(.degraded, reason) }
    }

    func isDown(_ server: String, _ failure: BackendFailure) {
        let isFirst = !outage.isUnderWay
        let wasDown = outage.isFailing(server)
        guard let reason = outage.failed(server, failure) else { return }
        instance.host.report(.degraded, reason)
        // The host, whose breaker opens, logs that the only server fails in another way.
        if !isFirst, !wasDown || router?.serves(beside: []) == true { instance.host.log(.warning, reason) }
    }

    private func say(_ error: ServerError, _ failure: BackendFailure) {
        if let reason = outage.complained("\(error)", failure, now: loop.now) { instance.host.log(.warning, reason) }
    }

    // MARK: The end

    func turnEnded() {
        switch shutdown.step(now: loop.now, inFlight: open.count, leases: instance.statistics.leases.value) {
        case .goOn: break
        case .giveUp:
            close()
            turnEnded()
        case .lookAgain(let due):
            if open.isEmpty { close() }
            loop.alarms.set(at: due) {}
        case .done(let request): loop.end(request)
        }
    }

    func close() {
        router?.close()
        router = nil
        for request in Array(open.values) { fail(request, BackendFailure(.cancelled, "the cache is shutting down")) }
    }
}
