/// Which requests go through a forward proxy, according to the usual environment variables.
public struct ProxySettings: Sendable, Equatable {
    let http: ProxyServer?
    let https: ProxyServer?
    let exceptions: [ProxyException]

    /// No proxy.
    public static let none = ProxySettings(http: nil, https: nil, exceptions: [])

    init(http: ProxyServer?, https: ProxyServer?, exceptions: [ProxyException]) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY. The lower-case spelling takes precedence where both are set.
    ///
    /// - Parameter environment: returns the value of an environment variable.
    /// - Returns: the settings, and a sentence for each variable that was left out because it is not usable.
    public static func make(
        environment: (String) -> String?
    ) -> (settings: ProxySettings, problems: [String]) {
        var problems: [String] = []
        func value(_ name: String) -> (name: String, value: String)? {
            for name in [name.lowercased(), name] {
                if let value = environment(name), !value.isEmpty { return (name, value) }
            }
            return nil
        }
        func server(_ name: String) -> ProxyServer? {
            guard let (name, text) = value(name) else { return nil }
            do { return try ProxyServer(text) } catch {
                let reason = error == .unsupportedScheme ? "only proxies with http:// are supported" : "\(error)"
                problems.append("\(name) is not a usable proxy: \(reason)")
                return nil
            }
        }
        let (http, https) = (server("HTTP_PROXY"), server("HTTPS_PROXY"))
        let exceptions = (value("NO_PROXY")?.value ?? "")
            .split { $0 == "," || $0 == " " || $0 == "\t" }
            .compactMap { ProxyException(String($0)) }
        return (ProxySettings(http: http, https: https, exceptions: exceptions), problems)
    }

    /// The proxy for a server. It is nil where the connection is direct.
    func proxy(for url: UpstreamURL) -> ProxyServer? {
        guard let server = url.scheme == .https ? https : http else { return nil }
        return exceptions.contains { $0.covers(host: url.host, port: url.port) } ? nil : server
    }
}

/// One entry of NO_PROXY.
enum ProxyException: Sendable, Equatable {
    case everything
    /// The domain itself, and all its subdomains.
    case domain(String, port: Int?)
    /// Only the subdomains, since the entry began with a dot.
    case subdomains(String, port: Int?)
    case network(IPAddress, prefixLength: Int, port: Int?)

    init?(_ text: String) {
        if text == "*" {
            self = .everything
            return
        }
        if let slash = text.firstIndex(of: "/") {
            guard let address = IPAddress(String(text[..<slash])), let length = Int(text[text.index(after: slash)...]),
                (0...address.bytes.count * 8).contains(length)
            else { return nil }
            self = .network(address, prefixLength: length, port: nil)
            return
        }
        if let address = IPAddress(text) {
            self = .network(address, prefixLength: address.bytes.count * 8, port: nil)
            return
        }
        let isBelow = text.hasPrefix(".") || text.hasPrefix("*.")
        let name = isBelow ? text.drop { $0 == "*" }.dropFirst() : text[...]
        guard let (host, port) = try? UpstreamURL.hostAndPort(name) else { return nil }
        if let address = IPAddress(host) {
            self = .network(address, prefixLength: address.bytes.count * 8, port: port)
        } else if isBelow {
            self = .subdomains(host, port: port)
        } else {
            self = .domain(host, port: port)
        }
    }

    func covers(host: String, port: Int) -> Bool {
        switch self {
        case .everything: true
        case .domain(let name, let only):
            (host == name || host.hasSuffix(".\(name)")) && (only ?? port) == port
        case .subdomains(let name, let only):
            host.hasSuffix(".\(name)") && (only ?? port) == port
        case .network(let network, let length, let only):
            IPAddress(host)?.isIn(network, prefixLength: length) == true && (only ?? port) == port
        }
    }
}
