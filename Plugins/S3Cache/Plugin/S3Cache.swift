import Glibc
import PluginKit
import Synchronization

/// `cache_params.type: s3`: keeps entries as objects in a bucket.
///
/// Its functions only hand what they are asked to the I/O thread, and never wait.
final class S3Cache: CachePlugin {
    private let loop: TransferLoop
    private let isShutDown = Atomic<Bool>(false)

    static func validate(_ parameters: Parameters) throws(PluginFailure) { _ = try S3Settings(parameters) }

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        var settings = try S3Settings(parameters)
        settings.takeRegionOfProfile()
        for name in settings.ignoredSettings {
            host.log(.warning, "'\(name)' in s3_config has no effect here")
        }
        if case .file(let path) = settings.verification, access(path, R_OK) != 0 {
            throw PluginFailure(
                .badConfiguration,
                "'s3_verify': \(path) cannot be read; give true, false or a file of certificates"
            )
        }
        if !settings.usesTLS {
            host.log(.warning, "S3 is spoken to without TLS: whoever is on the way can read what is cached")
        } else if settings.verification == .none {
            host.log(.warning, "'s3_verify: false' lets anybody pose as S3 and read what is cached")
        }
        loop = try TransferLoop(host: host, settings: settings)
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

    func cancel(_ operation: UInt64) { loop.post(.cancel(operation)) }

    func release(_ leases: Leases) { loop.figures.leases.free(leases) }

    func report(_ statistics: StatisticsReport) {
        let figures = loop.figures
        statistics.counter("hits", figures.hits.load(ordering: .relaxed))
        statistics.counter("misses", figures.misses.load(ordering: .relaxed))
        statistics.counter("expirations", figures.expirations.load(ordering: .relaxed))
        statistics.counter("failures", figures.failures.load(ordering: .relaxed))
        statistics.counter("retries", figures.retries.load(ordering: .relaxed))
        statistics.counter("rejections", figures.rejections.load(ordering: .relaxed))
        statistics.gauge("in_flight", UInt64(clamping: figures.inFlight.load(ordering: .relaxed)))
        statistics.gauge("leases", UInt64(clamping: figures.leases.value))
    }

    func shutdown(_ operation: PlainOperation) -> OperationProgress {
        isShutDown.store(true, ordering: .relaxed)
        loop.post(.shutdown(ShutdownRequest(operation)))
        return .pending
    }

    private func submit(_ operation: OperationRequest.Operation) -> OperationProgress {
        guard !isShutDown.load(ordering: .relaxed) else { return .rejected(.cancelled) }
        loop.post(.operation(OperationRequest(operation)))
        return .pending
    }
}
