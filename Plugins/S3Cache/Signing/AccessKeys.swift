/// The keys that requests are signed with. Their description reveals nothing of them.
struct AccessKeys: Sendable, Equatable, CustomStringConvertible {
    var accessKey: String
    var secretKey: String
    /// The session token, which temporary keys have.
    var sessionToken: String?

    var description: String { "keys" }
}
