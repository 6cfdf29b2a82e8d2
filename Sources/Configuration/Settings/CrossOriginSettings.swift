/// Which websites may call the gateway from a browser: the `cors_…` keys of `general_settings`.
public struct CrossOriginSettings: Sendable, Hashable {
    /// Which origins are allowed.
    public enum Origins: Sendable, Hashable {
        /// All of them.
        case any
        /// Each as a browser writes it: scheme, host in lower case, and a port that is not the scheme's own.
        case listed([String])
    }

    /// `cors_allow_origins`.
    public var origins: Origins
    /// `cors_allow_methods`. Where it is nil, each path allows the methods that it has.
    public var methods: [String]?
    /// `cors_allow_headers`. Where it is nil, whatever the browser names is allowed.
    public var headers: [String]?
    /// `cors_expose_headers`. Where it is nil, the default applies.
    public var exposed: [String]?
    /// `cors_allow_credentials`.
    public var allowsCredentials: Bool
    /// `cors_max_age`, in seconds.
    public var maxAge: Int?

    public init(
        origins: Origins,
        methods: [String]? = nil,
        headers: [String]? = nil,
        exposed: [String]? = nil,
        allowsCredentials: Bool = false,
        maxAge: Int? = nil
    ) {
        self.origins = origins
        self.methods = methods
        self.headers = headers
        self.exposed = exposed
        self.allowsCredentials = allowsCredentials
        self.maxAge = maxAge
    }
}
