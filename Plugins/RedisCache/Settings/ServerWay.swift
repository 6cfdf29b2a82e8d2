import PluginKit

/// The ways to name the server, in the order of precedence within one source.
enum ServerWay: CaseIterable {
    case cluster, url, sentinels, socket, host

    private var parameter: String {
        switch self {
        case .cluster: "redis_startup_nodes"
        case .url: "url"
        case .sentinels: "sentinel_nodes"
        case .socket: "unix_socket_path"
        case .host: "host"
        }
    }

    /// The failure where no way is given.
    static let missing = PluginFailure(
        .badConfiguration,
        "no Redis server is named: give 'host', 'url', 'redis_startup_nodes' or 'sentinel_nodes' in cache_params, "
            + "or set REDIS_HOST or REDIS_URL in the environment"
    )

    /// The way that applies: the first of those that the strongest source gives.
    static func chosen(_ parameters: Parameters) throws(PluginFailure) -> ServerWay {
        var best: (way: ServerWay, source: ParameterSource)?
        for way in allCases {
            guard let source = try parameters.source(way.parameter), try way.isGiven(parameters) else { continue }
            if let best, best.source >= source { continue }
            best = (way, source)
        }
        guard let best else { throw missing }
        return best.way
    }

    /// The other ways of the same source, which are not used.
    static func unused(_ parameters: Parameters) throws(PluginFailure) -> [String] {
        let chosen = try chosen(parameters)
        let source = try parameters.source(chosen.parameter)
        var names: [String] = []
        for way in allCases where way != chosen {
            if try way.isGiven(parameters), try parameters.source(way.parameter) == source {
                names.append(way.parameter)
            }
        }
        return names
    }

    private func isGiven(_ parameters: Parameters) throws(PluginFailure) -> Bool {
        switch self {
        case .cluster, .sentinels: try parameters.json(parameter) != nil
        case .url, .socket, .host: try parameters.text(parameter) != nil
        }
    }
}
