/// The log of an instance and its plugin.
public struct PluginLog: Sendable {
    /// The levels, of which the first five are the interface's (`GW_LOG_...`).
    public enum Level: UInt32, Sendable, Comparable {
        case trace = 0
        case debug, info, warning, error
        /// A plugin reports that the gateway broke a rule of the interface.
        case hostMisbehaving
        /// The gateway reports that a plugin broke a rule of the interface.
        case pluginMisbehaving

        public static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
    }

    /// The least level that is currently logged. It is called on any thread and must not block.
    public let level: @Sendable () -> Level
    /// Writes one line. It is called on any thread and must not block.
    public let write: @Sendable (Level, _ instance: String, _ message: String) -> Void

    /// Makes a log. Both functions are called on any thread and must not block.
    public init(
        level: @escaping @Sendable () -> Level,
        write: @escaping @Sendable (Level, _ instance: String, _ message: String) -> Void
    ) {
        self.level = level
        self.write = write
    }
}
