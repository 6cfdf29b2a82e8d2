public import PluginAPI

/// The host's services for an instance, from `init` until its `deinit` has run. Every member may be used on any thread
/// and with the plugin's locks held: it never calls back into the plugin and never blocks (rule T-3).
///
/// It is unchecked because the pointer is not `Sendable` although its target may be used from any thread.
public struct Host: @unchecked Sendable {
    let raw: UnsafePointer<gw_host>

    /// The host as the C interface hands it over, with every field of version 1.0 present.
    public init(_ raw: UnsafePointer<gw_host>) { self.raw = raw }

    /// The name of this instance in logs.
    public var instance: String { raw.pointee.instance.map { String(cString: $0) } ?? "" }

    /// How many I/O threads the plugin should use at most.
    public var ioThreadsHint: UInt32 { raw.pointee.io_threads_hint }

    /// How many operations the host keeps pending at most.
    public var maxInFlight: UInt32 { raw.pointee.max_inflight }

    /// How many threads call a `.blocking` plugin at most. It is 0 for other plugins.
    public var blockingThreads: UInt32 { raw.pointee.blocking_threads }

    /// The size in bytes of the largest value that the host reads. If the host does not state it, it is more than
    /// entries usually have.
    public var largestValue: Int {
        raw.pointee.max_value > 0 ? Int(clamping: raw.pointee.max_value) : Self.largestValueUnlessSaid
    }

    private static let largestValueUnlessSaid = 64 << 20

    /// The monotonic clock in nanoseconds, which deadlines use. Measure time only with this clock.
    public var monotonicNanoseconds: UInt64 { raw.pointee.now_monotonic_ns?(raw) ?? 0 }

    /// Milliseconds since 1970.
    public var unixMilliseconds: Int64 { raw.pointee.now_unix_ms?(raw) ?? 0 }

    /// Logs one line, without secrets. The message is only built if the level is currently logged.
    public func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard let leastLevel = raw.pointee.log_level, leastLevel(raw) <= level.rawValue else { return }
        withSlice(of: message()) { raw.pointee.log?(raw, level.rawValue, $0) }
    }

    /// Reports a change of the backend's state.
    public func report(_ health: Health, _ reason: String) {
        withSlice(of: reason) { raw.pointee.health?(raw, health.rawValue, $0) }
    }

    /// The host's extension with this name, "name/revision". It is nil where the host does not offer it.
    public func `extension`(_ name: String) -> UnsafeRawPointer? {
        name.withCString { raw.pointee.get_extension?(raw, $0) }
    }

    func complete(_ operation: UInt64, _ status: Status) { raw.pointee.complete?(raw, operation, status.rawValue) }
}

/// The level of a log line.
public enum LogLevel: UInt32, Sendable {
    /// Every step of an operation.
    case trace
    /// What helps to find a defect.
    case debug
    /// What happens in normal operation.
    case info
    /// What an operator should look at.
    case warning
    /// What fails.
    case error
    /// The host broke a rule of the interface; the message names the rule.
    case hostMisbehaving
}

/// The state of a plugin's backend.
public enum Health: UInt32, Sendable {
    /// It answers.
    case up
    /// A part of it answers.
    case degraded
    /// It does not answer.
    case down
}

func withSlice(of text: String, _ body: (gw_slice) -> Void) {
    var text = text
    text.withUTF8 { body(gw_slice(p: UnsafeRawPointer($0.baseAddress), n: UInt64($0.count))) }
}
