import PluginKit

extension RedisSettings {
    /// Reads the parameters and combines them.
    ///
    /// Of the ways to name a server those in `cache_params` take precedence over those of the environment, whichever
    /// they are: a configured `host` is not overruled by `REDIS_URL`. Within one source LiteLLM's order applies:
    /// cluster, URL, sentinels, socket, host.
    init(_ parameters: Parameters) throws(PluginFailure) {
        let way = try ServerWay.chosen(parameters)
        var url: RedisURL?
        switch way {
        case .url:
            guard let text = try parameters.string("url") else { throw ServerWay.missing }
            let read = try RedisURL(text)
            deployment = .server(read.endpoint)
            url = read
        case .cluster:
            deployment = .cluster(try Self.nodes("redis_startup_nodes", RedisEndpoint.standardPort, parameters))
        case .sentinels:
            guard let service = try parameters.string("service_name"), !service.isEmpty else {
                throw PluginFailure(
                    .badConfiguration,
                    "'sentinel_nodes' needs 'service_name' beside it: the name under which the sentinels know the master, often mymaster"
                )
            }
            deployment = .sentinels(
                try Self.nodes("sentinel_nodes", RedisEndpoint.standardSentinelPort, parameters),
                service: service,
                password: try parameters.text("sentinel_password")
            )
        case .socket:
            guard let path = try parameters.text("unix_socket_path") else { throw ServerWay.missing }
            deployment = .server(.unix(path: path))
        case .host:
            deployment = .server(try Self.host(parameters))
        }
        let weight = try url == nil ? nil : parameters.source("url")
        username = try Self.merged(parameters.text("username"), parameters.source("username"), url?.username, weight)
        password = try Self.merged(parameters.text("password"), parameters.source("password"), url?.password, weight)
        let db = try parameters.int("db").map { Int(clamping: $0) }
        database = try Self.merged(db, parameters.source("db"), url?.database, weight) ?? 0
        let ssl = try parameters.bool("ssl")
        let fromURL = url.map(\.usesTLS)
        if fromURL == true, ssl == false, try parameters.source("ssl") == weight {
            throw PluginFailure(
                .badConfiguration,
                "'url' begins with rediss://, which is TLS, and 'ssl' is false; write redis:// or leave 'ssl' out"
            )
        }
        let usesTLS = try Self.merged(ssl, parameters.source("ssl"), fromURL == true ? true : nil, weight) ?? false
        tls = usesTLS ? try TLSSettings(parameters) : nil
        clientName = try Self.clientName(parameters)
        answerTimeout = try Self.nanoseconds("socket_timeout", parameters)
        connectTimeout = try Self.nanoseconds("socket_connect_timeout", parameters)
        keepsAlive = try parameters.bool("socket_keepalive") ?? true
        connectionsPerServer = try parameters.int("max_connections") == 1 ? 1 : 2
        if case .cluster = deployment, database != 0 {
            throw PluginFailure(.badConfiguration, "'db' must be 0 on a cluster, which has no other database")
        }
    }

    /// Combines a parameter with the URL: a configured parameter overrules an environment's URL; within one source the
    /// URL applies, as with redis-py.
    private static func merged<Value>(
        _ value: Value?,
        _ source: ParameterSource?,
        _ fromURL: Value?,
        _ urlSource: ParameterSource?
    ) -> Value? {
        guard let fromURL else { return value }
        guard let value, let source, let urlSource, source > urlSource else { return fromURL }
        return value
    }

    private static func host(_ parameters: Parameters) throws(PluginFailure) -> RedisEndpoint {
        guard let host = try parameters.text("host") else { throw ServerWay.missing }
        let port = try parameters.int("port").flatMap { UInt16(exactly: $0) } ?? RedisEndpoint.standardPort
        if host.contains("://") {
            throw PluginFailure(.badConfiguration, "'host' is a host's name, and this is a URL; give it as 'url'")
        }
        if host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw PluginFailure(.badConfiguration, "'host' has spaces or control characters; give the name alone")
        }
        return .tcp(host: host, port: port)
    }

    private static func nodes(
        _ name: String,
        _ port: UInt16,
        _ parameters: Parameters
    ) throws(PluginFailure) -> [RedisEndpoint] {
        guard let json = try parameters.json(name) else { throw ServerWay.missing }
        return try NodeList.read(json, parameter: name, defaultPort: port)
    }

    private static func clientName(_ parameters: Parameters) throws(PluginFailure) -> String? {
        guard let name = try parameters.text("client_name") else { return nil }
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw PluginFailure(
                .badConfiguration,
                "'client_name' has spaces or special characters, which Redis does not take; use letters, digits and '-'"
            )
        }
        return name
    }

    private static func nanoseconds(_ name: String, _ parameters: Parameters) throws(PluginFailure) -> UInt64 {
        let duration = try parameters.duration(name) ?? .seconds(5)
        let (seconds, attoseconds) = duration.components
        return UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
    }
}

extension Parameters {
    /// Reads a text. An empty one counts as none, as in LiteLLM's files.
    func text(_ name: String) throws(PluginFailure) -> String? {
        guard let text = try string(name), !text.isEmpty else { return nil }
        return text
    }
}

extension TLSSettings {
    init(_ parameters: Parameters) throws(PluginFailure) {
        authorityFile = try parameters.text("ssl_ca_certs")
        authorityFolder = try parameters.text("ssl_ca_path")
        authorityPEM = try parameters.text("ssl_ca_data")
        certificateFile = try parameters.text("ssl_certfile")
        keyFile = try parameters.text("ssl_keyfile")
        keyPassword = try parameters.text("ssl_password")
        verification = try parameters.string("ssl_cert_reqs").flatMap(Verification.init) ?? .required
        checksHostName = try parameters.bool("ssl_check_hostname") ?? true
        minimumVersion = try parameters.text("ssl_min_version")
        ciphers = try parameters.text("ssl_ciphers")
        if keyFile != nil, certificateFile == nil {
            throw PluginFailure(
                .badConfiguration,
                "'ssl_keyfile' needs 'ssl_certfile' beside it, the key's certificate"
            )
        }
    }
}
