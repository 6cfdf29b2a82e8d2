/// Where an instance and its plugin log to.
public struct PluginLog: Sendable {
    /// The first five are the interface's (`GW_LOG_...`).
    public enum Level: UInt32, Sendable, Comparable {
        case trace = 0
        case debug, info, warning, error
        /// A plugin says that the gateway broke a rule of the interface.
        case hostMisbehaving
        /// The gateway says that a plugin broke a rule of the interface.
        case pluginMisbehaving

        public static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
    }

    /// The least level that is logged at present. Called on any thread; must not block.
    public let level: @Sendable () -> Level
    /// Writes one line. Called on any thread; must not block.
    public let write: @Sendable (Level, _ instance: String, _ message: String) -> Void

    /// Both functions are called on any thread and must not block.
    public init(
        level: @escaping @Sendable () -> Level,
        write: @escaping @Sendable (Level, _ instance: String, _ message: String) -> Void
    ) {
        self.level = level
        self.write = write
    }
}
