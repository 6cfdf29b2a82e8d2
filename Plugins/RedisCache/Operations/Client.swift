import PluginKit
import Synchronization

/// Carries out operations over the connections that its router chooses, and keeps the books of them. Bound to the I/O
/// thread.
final class Client {
    let loop: IOLoop
    /// Old servers have no UNLINK; then it is DEL.
    private(set) var usesUnlink = true
    private var router: (any Router)?
    private var open: [UInt64: OperationRequest] = [:]
    private var shutdown = ShutdownProgress()
    private var outage = Outage()

    init(_ loop: IOLoop) { self.loop = loop }

    func start() {
        switch loop.settings.deployment {
        case .server(let endpoint):
            router = SingleRouter(self, StandaloneLocator(endpoint), .data)
        case .sentinels(let sentinels, let service, _):
            router = SingleRouter(self, SentinelLocator(loop, sentinels, service: service), .master)
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
        loop.figures.inFlight.store(open.count, ordering: .relaxed)
        guard let router, !shutdown.isUnderWay else {
            return fail(request, BackendFailure(.cancelled, "the cache is shutting down"))
        }
        switch request.operation {
        case .ping: router.ping(request)
        case .flush(let operation): Flush(self, router, request, operation).start()
        case .get, .set, .delete:
            guard request.count > 0 else { return fail(request, BackendFailure(.invalid, "there are no items")) }
            router.start(request)
        }
    }

    /// The host waits no longer. The command's place in the pipeline stays, and its reply goes nowhere.
    private func cancel(_ id: UInt64) {
        guard let request = open[id] else { return }
        let silent = router?.gaveUp(request) ?? []
        fail(request, judged(BackendFailure(.timeout, "the server did not answer in time"), at: silent))
    }

    func fail(_ request: OperationRequest, _ failure: BackendFailure) {
        if request.abandon(failure) { over(request) }
    }

    /// The operation has ended.
    func over(_ request: OperationRequest) {
        open[request.id] = nil
        loop.figures.inFlight.store(open.count, ordering: .relaxed)
        loop.finish(request)
    }

    /// A failure as the host should see it. That some nodes of a cluster do not answer says nothing about the others, and
    /// must not have all of them left alone: it is called partial then, which is no outage of the backend.
    func judged(_ failure: BackendFailure, at nodes: [ClusterNode]) -> BackendFailure {
        guard [.unavailable, .timeout].contains(failure.status), router?.serves(beside: nodes) == true else {
            return failure
        }
        return BackendFailure(loop.host.knowsPartialFailures ? .partial : .busy, failure.reason)
    }

    /// A command was answered by an error.
    func serverSaid(_ text: String, to part: OperationPart, on link: Link) throws(BackendFailure) {
        let error = ServerError(text, asked: link.endpoint)
        if error == .unknownCommand, case .delete = part.request.operation, usesUnlink {
            usesUnlink = false
            return link.send(part)
        }
        let reaction = router?.react(to: error, part, on: link) ?? .fail
        if reaction == .takenCareOf { return }
        let failure = BackendFailure(error.status, explained(error, text, link))
        if error == .unauthorized || error == .outOfMemory { say(error, failure) }
        if error == .clusterDown { part.node?.servesNothing(failure) }
        part.failed(failure)
        if reaction == .drop { throw failure }
    }

    private func explained(_ error: ServerError, _ text: String, _ link: Link) -> String {
        switch error {
        case .unauthorized:
            "\(link.name) forbids a command: \(text); check 'username', 'password' and what the user may do"
        case .outOfMemory:
            "\(link.name) is full: \(text); raise its maxmemory or set an eviction policy such as allkeys-lru"
        case .readOnly: "\(link.name) is a replica and takes no writes: \(text)"
        case .moved, .ask: "\(link.name) is a node of a cluster: \(text); name it in 'redis_startup_nodes'"
        default: "\(link.name) answered: \(text)"
        }
    }

    // MARK: The state of the backend

    /// The host logs each change of the backend's state. What is no change of it, as the second node of a cluster that
    /// goes while the first is gone, is logged here: each outage of each server is one line when it begins and one when it
    /// ends.
    ///
    /// - Parameter server: names it in the books; `news`: to the operator.
    func isUp(_ server: String, _ news: String) {
        let wasDown = outage.isFailing(server)
        if outage.recovered(server) { return loop.host.report(.up, news) }
        guard wasDown else { return }
        loop.host.log(.info, news)
        if let reason = outage.reason { loop.host.report(.degraded, reason) }
    }

    func isDown(_ server: String, _ failure: BackendFailure) {
        let isFirst = !outage.isUnderWay
        let wasDown = outage.isFailing(server)
        guard let reason = outage.failed(server, failure) else { return }
        loop.host.report(.degraded, reason)
        // That the only server fails in another way is told by the host, whose breaker opens.
        if !isFirst, !wasDown || router?.serves(beside: []) == true { loop.host.log(.warning, reason) }
    }

    private func say(_ error: ServerError, _ failure: BackendFailure) {
        if let reason = outage.complained("\(error)", failure, now: loop.now) { loop.host.log(.warning, reason) }
    }

    // MARK: The end

    /// Goes on with a shutdown.
    func turnEnded() {
        switch shutdown.step(now: loop.now, inFlight: open.count, leases: loop.figures.leases.value) {
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
