import PluginAPI

/// What a plugin supports (`gw_plugin.capabilities`). The host uses nothing that is not announced (rule L-5).
public struct Capabilities: OptionSet, Sendable {
    /// The value as the C interface has it.
    public let rawValue: UInt64

    /// Makes one of the value that the C interface has.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// It drops entries when their time to live is over.
    public static let ttl = Capabilities(rawValue: UInt64(GW_CAP_TTL))
    /// It implements `delete`.
    public static let delete = Capabilities(rawValue: UInt64(GW_CAP_DELETE))
    /// It implements `flush`.
    public static let flush = Capabilities(rawValue: UInt64(GW_CAP_FLUSH))
    /// Only one instance with the same parameters may exist at a time (rule C-8).
    public static let exclusive = Capabilities(rawValue: UInt64(GW_CAP_EXCLUSIVE))
    /// Its entries are visible to other gateways.
    public static let shared = Capabilities(rawValue: UInt64(GW_CAP_SHARED))
    /// Its entries outlive the process.
    public static let persistent = Capabilities(rawValue: UInt64(GW_CAP_PERSISTENT))
    /// It implements `report`.
    public static let statistics = Capabilities(rawValue: UInt64(GW_CAP_STATS))
    /// Its backend has parts that fail independently. It reports such a failure as `Status.partial`, and completes a
    /// cancelled operation at once, with the status that says which kind of failure it was.
    public static let partial = Capabilities(rawValue: UInt64(GW_CAP_PARTIAL))
}

/// The threads on which the host calls get, set, delete, ping and flush (rule T-2).
public enum ThreadModel: UInt32, Sendable {
    /// They are called on any number of event loops at once. The functions must not wait.
    case concurrent = 1
    /// They are called one at a time. The functions must not wait.
    case serial = 2
    /// They are called from a bounded pool of the host's threads, where the functions may wait.
    case blocking = 3
}
