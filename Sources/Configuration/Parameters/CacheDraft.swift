import CallTypes

/// The parameters of `cache_params` that have been read so far.
struct CacheDraft {
    var position: SourcePosition?
    var type: String?
    var typePosition: SourcePosition?
    var isOptIn: Bool?
    var namespace: String?
    var namespacePosition: SourcePosition?
    var ttl: Double?
    var localTTL: Double?
    var redisTTL: Double?
    var callTypes: CallTypeSet?
    var cachesStateful: Bool?
    var cachedTools: [String]?
    var maxEntrySize: Int?
    var lookupTimeout: Double?
    var purgeInterval: Double?
    var staleWhileRevalidate: Double?
    var staleIfError: Double?
    var onDisconnect: CacheSettings.OnDisconnect?
    var replay: CacheSettings.Replay?
    var entryKeys: [SecretKey]?
    var pin: PluginPin?
    var parameters: [PluginParameter] = []
}

extension CacheDraft {
    /// Parameters that only a Redis server has.
    private static let redisParameters: Set<String> = [
        "host", "port", "password", "username", "url", "db", "unix_socket_path", "startup_nodes", "redis_startup_nodes",
        "sentinel_nodes", "sentinel_password", "service_name", "redis_flush_size",
    ]
    private static let redisVariables = ["REDIS_URL", "REDIS_HOST", "REDIS_CLUSTER_NODES", "REDIS_SENTINEL_NODES"]
    /// The variables that set general cache parameters where the backend is `redis`, as `REDIS_<NAME>` sets redis-py's
    /// arguments.
    private static let redisDefaults = [(variable: "REDIS_TTL", key: "ttl"), ("REDIS_NAMESPACE", "namespace")]

    /// Takes parameters that the file does not set from the environment.
    mutating func fillIn(_ context: inout ReadingContext) {
        guard choice(context.environment).type == "redis" else { return }
        let outer = context.place
        context.place = " in cache_params"
        defer { context.place = outer }
        for (variable, key) in Self.redisDefaults where context.environment.isSet(variable) {
            guard let text = context.environment[variable], key == "ttl" ? ttl == nil : namespace == nil else {
                continue
            }
            let position = SourcePosition(file: "environment variable \(variable)")
            let scalar = YAMLNode(content: .scalar(YAMLScalar(text: text, value: .text)), position: position)
            let member = YAMLMember(key: key, keyPosition: position, value: scalar)
            Section.cacheParams.parameters.first { $0.name == key }?.apply(member, &self, &context)
        }
    }

    /// - Parameter calls: the calls that the gateway serves.
    func settings(
        enabledAt enabled: SourcePosition,
        _ environment: MergedEnvironment,
        _ calls: CallTable
    ) -> CacheSettings {
        let choice = choice(environment)
        let ttlOfType =
            switch choice.type {
            case "local": localTTL
            case "redis": redisTTL
            default: nil as Double?
            }
        return CacheSettings(
            type: choice.type,
            typeReason: choice.reason,
            isOptIn: isOptIn ?? false,
            namespace: namespace,
            ttl: ttlOfType ?? ttl,
            supportedCallTypes: callTypes ?? calls.cachedByDefault,
            cachesStateful: cachesStateful ?? false,
            cachedTools: cachedTools ?? [],
            maxEntrySize: maxEntrySize ?? CacheSettings.defaultMaxEntrySize,
            lookupTimeout: lookupTimeout ?? CacheSettings.defaultLookupTimeout,
            purgeInterval: purgeInterval ?? CacheSettings.defaultPurgeInterval(of: choice.type),
            staleWhileRevalidate: staleWhileRevalidate ?? 0,
            staleIfError: staleIfError ?? 0,
            onDisconnect: onDisconnect ?? .auto,
            replay: replay ?? .fast,
            entryKeys: entryKeys ?? [],
            pin: pin,
            parameters: parameters,
            position: position ?? enabled,
            typePosition: typePosition,
            namespacePosition: namespacePosition
        )
    }

    /// The backend, and the reason for choosing it, for the log.
    private func choice(_ environment: MergedEnvironment) -> (type: String, reason: String) {
        if let type, let typePosition { return (type, "cache_params.type says so at \(typePosition)") }
        if let parameter = parameters.first(where: { Self.redisParameters.contains($0.name) && $0.isGiven }) {
            return ("redis", "cache_params.type is not set, but the Redis parameter '\(parameter.name)' is")
        }
        if let variable = Self.redisVariables.first(where: environment.isSet) {
            return ("redis", "cache_params.type is not set, but the environment variable \(variable) is")
        }
        return ("local", "cache_params.type is not set, and nothing names a Redis server")
    }
}
