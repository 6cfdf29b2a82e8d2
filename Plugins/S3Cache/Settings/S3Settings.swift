import PluginKit

/// Everything that an instance goes by: the parameters, read once and held against one another.
struct S3Settings: Sendable, Equatable {
    enum AddressingStyle: String, Sendable {
        case auto, path, virtual
    }

    enum Verification: Sendable, Equatable {
        case system
        case file(String)
        case none
    }

    var bucket: String
    var region: String
    /// Whether the configuration or the environment named the region.
    var isRegionGiven: Bool
    var layout: ObjectLayout
    /// nil: AWS.
    var endpoint: Endpoint?
    var usesTLS: Bool
    var verification: Verification
    var addressing = AddressingStyle.auto
    /// Milliseconds.
    var connectTimeout = 60_000
    var readTimeout = 60_000
    var connections = 10
    /// Tries of one request, the first included.
    var attempts = 4
    /// Keys that the configuration gives.
    var keys: Credentials.Keys?
    /// Where keys come from otherwise, in order.
    var chain: [CredentialSource]
    /// The environment's address of STS.
    var tokenService: String?

    /// What s3_config has that means nothing here, for warnings.
    var ignoredSettings: [String] = []
}

/// A server that speaks S3.
struct Endpoint: Sendable, Equatable {
    var usesTLS: Bool
    /// With the port, if it is not the scheme's own.
    var authority: String
    /// What stands before every path; empty or beginning with a slash, never ending in one.
    var path: String

    /// Reads `https://host[:port][/path]`; a scheme that is left out is filled in.
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
