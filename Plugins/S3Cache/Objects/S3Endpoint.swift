/// A server that speaks S3.
struct S3Endpoint: Sendable, Equatable {
    var usesTLS: Bool
    /// The host, with the port if it is not the scheme's default.
    var authority: String
    /// The path before every other path. It is empty or begins with a slash, and never ends in one.
    var path: String

    /// Reads `https://host[:port][/path]`, with a default for a missing scheme.
    init?(_ text: String, defaultTLS: Bool) {
        var rest = text[...]
        usesTLS = defaultTLS
        if let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
            switch rest[..<colon].lowercased() {
            case "https": usesTLS = true
            case "http": usesTLS = false
            default: return nil
            }
            rest = rest[colon...].dropFirst(3)
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = String(rest[..<slash])
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }
        guard !authority.isEmpty,
            (authority + path).utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"@?#".utf8.contains($0) })
        else { return nil }
        let standard = usesTLS ? ":443" : ":80"
        if authority.hasSuffix(standard) { authority.removeLast(standard.count) }
        self.authority = authority.lowercased()
        self.path = path
    }
}
