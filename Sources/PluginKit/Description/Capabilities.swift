import PluginAPI

/// What a plugin can do (`gw_plugin.capabilities`). The host asks for nothing that is not announced (rule L-5).
public struct Capabilities: OptionSet, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Drops entries when their time to live is over.
    public static let ttl = Capabilities(rawValue: UInt64(GW_CAP_TTL))
    /// Implements `delete`.
    public static let delete = Capabilities(rawValue: UInt64(GW_CAP_DELETE))
    /// Implements `flush`.
    public static let flush = Capabilities(rawValue: UInt64(GW_CAP_FLUSH))
    /// Honours `SetItem.onlyIfAbsent`.
    public static let ifAbsent = Capabilities(rawValue: UInt64(GW_CAP_IF_ABSENT))
    /// Entries are visible to other gateways.
    public static let shared = Capabilities(rawValue: UInt64(GW_CAP_SHARED))
    /// Entries outlive the process.
    public static let persistent = Capabilities(rawValue: UInt64(GW_CAP_PERSISTENT))
    /// Implements `report`.
    public static let statistics = Capabilities(rawValue: UInt64(GW_CAP_STATS))
    /// The backend has parts that fail by themselves: tells such a failure by `Status.partial`, and completes what is
    /// cancelled at once, with the status that says which it was.
    public static let partial = Capabilities(rawValue: UInt64(GW_CAP_PARTIAL))
}

/// On which threads the host calls get, set, delete, ping and flush (rule T-2).
public enum ThreadModel: UInt32, Sendable {
    /// On any number of event loops at once. The functions must not wait.
    case concurrent = 1
    /// One at a time. The functions must not wait.
    case serial = 2
    /// From a bounded pool of the host's threads, where the functions may wait.
    case blocking = 3
}
