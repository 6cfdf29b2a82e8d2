/// Keys, how long they are valid, and where they come from.
struct Credentials: Sendable, Equatable, CustomStringConvertible {
    var keys: AccessKeys
    /// Seconds since 1970; nil means that they do not expire.
    var expires: Int64?
    /// Where they come from, for messages.
    var origin: String

    var description: String { "credentials from \(origin)" }
}
