/// The keys that requests are signed with. In print they show nothing of themselves.
struct AccessKeys: Sendable, Equatable, CustomStringConvertible {
    var accessKey: String
    var secretKey: String
    /// Temporary keys have one.
    var sessionToken: String?

    var description: String { "keys" }
}
