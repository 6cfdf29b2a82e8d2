import Glibc
import PluginKit

/// `cache_params.type: s3`: keeps entries as objects in a bucket.
final class S3Cache: IOThreadCache {
    private let instance: S3Instance
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
        let instance = try S3Instance(host: host, settings: settings)
        self.instance = instance
        inlet = OperationInlet { instance.loop.post(.operation($0)) }
        try instance.loop.start { S3Client(instance) }
    }

    deinit { instance.loop.stop() }

    var leases: LeaseCount { instance.statistics.leases }

    func report(_ statistics: StatisticsReport) { instance.statistics.report(to: statistics) }
}
