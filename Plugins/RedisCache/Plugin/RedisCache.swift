import PluginKit

/// `cache_params.type: redis`: keeps entries in a Redis server, cluster or sentinel group.
final class RedisCache: IOThreadCache {
    private let instance: RedisInstance
    let inlet: OperationInlet

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
        let instance = try RedisInstance(host: host, settings: settings)
        self.instance = instance
        inlet = OperationInlet { instance.loop.inbox.post(.operation($0)) }
        try instance.loop.start { RedisClient(instance) }
    }

    deinit { instance.loop.stop() }

    var leases: LeaseCount { instance.statistics.leases }

    func report(_ statistics: StatisticsReport) { instance.statistics.report(to: statistics) }
}
