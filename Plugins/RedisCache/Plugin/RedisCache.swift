import PluginKit
import Synchronization

/// `cache_params.type: redis`: keeps entries in a Redis server, cluster or sentinel group.
///
/// Its functions only hand what they are asked to the I/O thread, and never wait.
final class RedisCache: CachePlugin {
    private let loop: IOLoop
    private let isShutDown = Atomic<Bool>(false)

    static func validate(_ parameters: Parameters) throws(PluginFailure) { _ = try RedisSettings(parameters) }

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        let settings = try RedisSettings(parameters)
        for name in try ServerWay.unused(parameters) {
            host.log(.warning, "'\(name)' goes unused: another parameter says which server it is")
        }
        if settings.tls?.verification == TLSSettings.Verification.none {
            host.log(.warning, "'ssl_cert_reqs: none' lets anybody pose as the Redis server and read what is cached")
        } else if settings.tls?.checksHostName == false {
            host.log(
                .warning,
                "'ssl_check_hostname: false' lets anybody with a trusted certificate pose as the Redis server"
            )
        }
        loop = try IOLoop(host: host, settings: settings)
        try loop.start()
    }

    deinit { loop.stop() }

    func get(_ operation: GetOperation) -> OperationProgress { submit(.get(operation)) }

    func set(_ operation: SetOperation) -> OperationProgress {
        for index in 0..<operation.count where operation.item(index)?.valueCount == nil { return .rejected(.tooLarge) }
        return submit(.set(operation))
    }

    func delete(_ operation: DeleteOperation) -> OperationProgress { submit(.delete(operation)) }

    func ping(_ operation: PlainOperation) -> OperationProgress { submit(.ping(operation)) }

    func flush(_ operation: FlushOperation) -> OperationProgress {
        guard !operation.prefix.isEmpty else { return operation.reject(.invalid, "the prefix of a flush is empty") }
        return submit(.flush(operation))
    }

    func cancel(_ operation: UInt64) { loop.inbox.post(.cancel(operation)) }

    func release(_ leases: Leases) { loop.figures.leases.free(leases) }

    func report(_ statistics: StatisticsReport) {
        let figures = loop.figures
        statistics.counter("hits", figures.hits.load(ordering: .relaxed))
        statistics.counter("misses", figures.misses.load(ordering: .relaxed))
        statistics.counter("connections", figures.connects.load(ordering: .relaxed))
        statistics.counter("failures", figures.failures.load(ordering: .relaxed))
        statistics.gauge("in_flight", UInt64(clamping: figures.inFlight.load(ordering: .relaxed)))
        statistics.gauge("leases", UInt64(clamping: figures.leases.value))
    }

    func shutdown(_ operation: PlainOperation) -> OperationProgress {
        isShutDown.store(true, ordering: .relaxed)
        loop.inbox.post(.shutdown(ShutdownRequest(operation)))
        return .pending
    }

    private func submit(_ operation: OperationRequest.Operation) -> OperationProgress {
        guard !isShutDown.load(ordering: .relaxed) else { return .rejected(.cancelled) }
        loop.inbox.post(.operation(OperationRequest(operation)))
        return .pending
    }
}
