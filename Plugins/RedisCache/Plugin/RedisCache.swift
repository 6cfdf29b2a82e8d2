import PluginKit
import Synchronization

/// `cache_params.type: redis`: keeps entries in a Redis server, cluster or sentinel group.
final class RedisCache: IOThreadCache {
    private let loop: IOLoop
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
        let loop = try IOLoop(host: host, settings: settings)
        self.loop = loop
        inlet = OperationInlet { loop.inbox.post(.operation($0)) }
        try loop.start()
    }

    deinit { loop.stop() }

    var leases: LeaseCount { loop.figures.leases }

    func report(_ statistics: StatisticsReport) {
        let figures = loop.figures
        statistics.counter("hits", figures.hits.load(ordering: .relaxed))
        statistics.counter("misses", figures.misses.load(ordering: .relaxed))
        statistics.counter("connections", figures.connects.load(ordering: .relaxed))
        statistics.counter("failures", figures.failures.load(ordering: .relaxed))
        statistics.gauge("in_flight", UInt64(clamping: figures.inFlight.load(ordering: .relaxed)))
        statistics.gauge("leases", UInt64(clamping: figures.leases.value))
    }
}
