/// What a plugin supports (`GW_CAP_...`).
public struct PluginCapabilities: OptionSet, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// It drops entries when their time to live is over.
    public static let timeToLive = PluginCapabilities(rawValue: 0x1)
    /// It removes single entries.
    public static let delete = PluginCapabilities(rawValue: 0x2)
    /// It removes all entries whose keys have a prefix.
    public static let flush = PluginCapabilities(rawValue: 0x4)
    /// One instance with the same parameters may exist at a time.
    public static let exclusive = PluginCapabilities(rawValue: 0x8)
    /// Its entries are visible to other gateways.
    public static let shared = PluginCapabilities(rawValue: 0x10)
    /// Its entries outlive the process.
    public static let persistent = PluginCapabilities(rawValue: 0x20)
    /// It reports figures.
    public static let statistics = PluginCapabilities(rawValue: 0x40)
    /// Its backend has parts that fail independently, and the plugin distinguishes such failures.
    public static let partial = PluginCapabilities(rawValue: 0x80)

    private static let names: [(PluginCapabilities, String)] = [
        (.timeToLive, "ttl"), (.delete, "delete"), (.flush, "flush"), (.exclusive, "exclusive"), (.shared, "shared"),
        (.persistent, "persistent"), (.statistics, "stats"), (.partial, "partial"),
    ]

    public var description: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

/// How a plugin's functions may be called (`GW_THREADS_...`, rule T-2).
public enum PluginThreadModel: UInt32, Sendable {
    case concurrent = 1
    case serial = 2
    case blocking = 3
}
