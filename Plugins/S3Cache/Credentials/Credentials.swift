/// What requests are signed with.
struct Credentials: Sendable, Equatable, CustomStringConvertible {
    struct Keys: Sendable, Equatable, CustomStringConvertible {
        var accessKey: String
        var secretKey: String
        /// Of temporary credentials.
        var sessionToken: String?

        /// Never the keys.
        var description: String { "keys" }
    }

    var keys: Keys
    /// Seconds since 1970; nil: they do not expire.
    var expires: Int64?
    /// Where they come from, for messages.
    var origin: String

    var description: String { "credentials from \(origin)" }
}
