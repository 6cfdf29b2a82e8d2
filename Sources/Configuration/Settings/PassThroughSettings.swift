/// An entry of `general_settings.pass_through_endpoints`: a path of the gateway that leads to another server.
public struct PassThroughSettings: Sendable, Hashable {
    /// The path at the gateway. It begins with a slash and does not end with one.
    public var path: String
    /// The URL that requests are sent to.
    public var target: String
    /// Header fields that are added to requests. They replace the client's.
    public var headers: [ModelSettings.Header]
    /// `forward_headers`: whether all header fields of clients are sent on.
    public var forwardsHeaders: Bool
    /// `include_subpath`: whether paths below `path` lead to the server too.
    public var includesSubpaths: Bool
    /// `methods`: the methods that are accepted, in upper case.
    public var methods: [String]
    /// `auth`: whether clients need the gateway's key.
    public var requiresKey: Bool
    /// The position of the path in the file.
    public var pathPosition: SourcePosition
    /// The position of the target in the file.
    public var targetPosition: SourcePosition

    /// The methods that can be passed on.
    public static let allMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
}
