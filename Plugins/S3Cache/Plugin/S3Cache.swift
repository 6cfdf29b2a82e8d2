import Glibc
import PluginKit
import Synchronization

/// `cache_params.type: s3`: keeps entries as objects in a bucket.
final class S3Cache: IOThreadCache {
    private let loop: TransferLoop
    let inlet: OperationInlet

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
        let loop = try TransferLoop(host: host, settings: settings)
        self.loop = loop
        inlet = OperationInlet { loop.post(.operation($0)) }
        try loop.start()
    }

    deinit { loop.stop() }

    var leases: LeaseCount { loop.figures.leases }

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
}
