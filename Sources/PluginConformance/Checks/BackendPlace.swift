import PluginAPI

/// Where a plugin's backend is: a URL, and the parameters that tell the plugin. The checks give the plugin other places
/// too, at which nothing answers.
public struct BackendPlace: Sendable, Equatable {
    /// The URL without its parts.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The parameters that take the URL, or its host and port.
    enum Target: Sendable, Equatable {
        case url(String)
        case hostAndPort(String, String)
    }

    let scheme: String
    /// `user:password@`, or nothing.
    let userInfo: String
    let host: String
    let port: String
    /// The path and what follows.
    let rest: String
    let target: Target

    /// - Parameters:
    ///   - text: `scheme://host:port/…`, perhaps with `PARAMETER=` before it.
    ///   - declared: the names of the plugin's parameters.
    public init(_ text: String, declared: [String]) throws {
        var url = Substring(text)
        var named: String?
        if let equals = text.firstIndex(of: "="), let colon = text.firstIndex(of: ":"), equals < colon {
            named = String(text[..<equals])
            url = text[text.index(after: equals)...]
        }
        let halves = url.split(separator: "://", maxSplits: 1)
        guard halves.count == 2 else { throw Malformed(description: "'\(url)' is not a URL such as redis://host:6379") }
        scheme = String(halves[0])
        let authority = halves[1].prefix { !"/?#".contains($0) }
        rest = String(halves[1].dropFirst(authority.count))
        let place = authority.split(separator: "@").last ?? ""
        userInfo = String(authority.dropLast(place.count))
        let parts = place.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, UInt16(parts[1]) != nil else {
            throw Malformed(description: "'\(url)' has no host and port")
        }
        (host, port) = (parts[0], parts[1])
        guard let target = Self.target(named, declared) else {
            throw Malformed(
                description: "the plugin has no parameter for a URL; say which one with --backend PARAMETER=\(url)"
            )
        }
        self.target = target
    }

    /// The parameter that takes a URL is the one that is named, else `url`, else the one whose name ends in `_url` or
    /// is or ends in `endpoint`. Without one there may be a `host` and a `port`.
    private static func target(_ named: String?, _ declared: [String]) -> Target? {
        if let named { return declared.contains(named) ? .url(named) : nil }
        if declared.contains("url") { return .url("url") }
        let others = declared.filter { $0.hasSuffix("_url") || $0 == "endpoint" || $0.hasSuffix("_endpoint") }
        if let only = others.first, others.count == 1 { return .url(only) }
        return declared.contains("host") && declared.contains("port") ? .hostAndPort("host", "port") : nil
    }

    /// The parameters for this place.
    public var parameters: [String: String] { parameters(host: host, port: port) }

    /// The parameters for another place.
    func parameters(host: String, port: String) -> [String: String] {
        switch target {
        case .url(let name): [name: "\(scheme)://\(userInfo)\(host):\(port)\(rest)"]
        case .hostAndPort(let hostName, let portName): [hostName: host, portName: port]
        }
    }
}
