import PluginKit

/// Reads lists of servers in every form that LiteLLM's files use: `[{"host": "a", "port": 6379}]`, `[["a", 26379]]`,
/// `["a:6379"]`, or one text with any of these as JSON or separated by commas.
enum NodeList {
    /// - Parameter json: the parameter as JSON text.
    /// - Returns: at least one endpoint.
    static func read(_ json: String, parameter: String, defaultPort: UInt16) throws(PluginFailure) -> [RedisEndpoint] {
        guard var list = JSONValue(parsing: json) else { throw unreadable(parameter) }
        if let text = list.string {
            list = JSONValue(parsing: text) ?? .array(text.split(separator: ",").map { .string(trimmed($0)) })
        }
        guard let items = list.array, !items.isEmpty else { throw unreadable(parameter) }
        var endpoints: [RedisEndpoint] = []
        for (index, item) in items.enumerated() {
            guard let endpoint = endpoint(item, defaultPort) else {
                throw PluginFailure(
                    .badConfiguration,
                    "'\(parameter)': entry \(index + 1) names no server; write it as "
                        + "{host: redis-1, port: \(defaultPort)} or \"redis-1:\(defaultPort)\""
                )
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private static func endpoint(_ item: JSONValue, _ defaultPort: UInt16) -> RedisEndpoint? {
        switch item {
        case .string(let text): RedisEndpoint(text, defaultPort: defaultPort)
        case .array(let pair) where pair.count == 2: endpoint(pair.first, pair.last)
        case .object: endpoint(item["host"], item["port"] ?? .int(Int64(defaultPort)))
        default: nil
        }
    }

    private static func endpoint(_ host: JSONValue?, _ port: JSONValue?) -> RedisEndpoint? {
        guard let host = host?.string, !host.isEmpty,
            let port = port?.integer.flatMap({ UInt16(exactly: $0) }), port > 0
        else { return nil }
        return .tcp(host: host, port: port)
    }

    private static func trimmed(_ text: Substring) -> String {
        let kept = text.drop { $0.isWhitespace }
        return String(kept.reversed().drop { $0.isWhitespace }.reversed())
    }

    private static func unreadable(_ parameter: String) -> PluginFailure {
        PluginFailure(
            .badConfiguration,
            "'\(parameter)' must be a list of servers, such as [{host: redis-1, port: 6379}, {host: redis-2, port: 6379}]"
        )
    }
}
