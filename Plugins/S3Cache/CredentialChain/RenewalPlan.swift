/// When temporary credentials are renewed.
enum RenewalPlan {
    /// How long before their end they are renewed, in seconds, as the SDKs do. They are never renewed in the first half
    /// of their life.
    private static let early: Int64 = 300
    /// How long before their end they are no longer used, in seconds.
    private static let last: Int64 = 10

    /// When to renew, in seconds since 1970. It is nil where they are never renewed.
    /// - Parameter obtained: the time at which they were fetched.
    static func due(_ credentials: Credentials, obtained: Int64) -> Int64? {
        guard let expires = credentials.expires else { return nil }
        return max(expires &- early, obtained &+ max(1, (expires &- last &- obtained) / 2))
    }

    /// Whether they must not be used any more, since a request that is signed now might be received too late.
    static func isOver(_ credentials: Credentials, unix: Int64) -> Bool {
        credentials.expires.map { $0 &- last <= unix } ?? false
    }
}
