/// The destination of a connection. Connections of the same route are interchangeable.
struct UpstreamRoute: Hashable, Sendable {
    let scheme: UpstreamURL.Scheme
    let host: String
    let port: Int
    let proxy: ProxyServer?
    let trust: ServerTrust

    init(_ url: UpstreamURL, trust: ServerTrust = .standard, proxies: ProxySettings) {
        self.trust = url.scheme == .https ? trust : .standard
        self.scheme = url.scheme
        self.host = url.host
        self.port = url.port
        self.proxy = proxies.proxy(for: url)
    }

    /// The proxy that is sent the whole URL with every request. It is nil where there is none, or where it opens a
    /// tunnel.
    var forwardProxy: ProxyServer? { scheme == .http ? proxy : nil }

    /// The proxy that opens a tunnel first (RFC 9110 section 9.3.6), if any.
    var tunnelProxy: ProxyServer? { scheme == .https ? proxy : nil }

    /// The name of the route in messages: `host:port`.
    var name: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
