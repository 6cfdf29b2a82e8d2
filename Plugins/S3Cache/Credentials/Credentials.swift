/// Keys, how long they are valid, and their source.
struct Credentials: Sendable, Equatable, CustomStringConvertible {
    var keys: AccessKeys
    /// The time at which they expire, in seconds since 1970. It is nil where they do not expire.
    var expires: Int64?
    /// The name of their source in messages.
    var origin: String

    var description: String { "credentials from \(origin)" }
}
