import Glibc
import PluginAPI
import Synchronization

/// An instance of a plugin, driven through the C interface as the host drives it, for tests of a plugin without a
/// gateway. `violations` has the plugin's violations of the interface's rules.
///
/// All functions may be called on any thread, but call `start`, `beginShutdown`, `end` and `destroy` one at a time.
public final class PluginDriver: Sendable {
    /// A violation by the plugin, or the reason why there is no instance.
    public struct Complaint: Error, CustomStringConvertible {
        public let description: String
        /// The rules that were broken besides.
        public let violations: [Violation]
        /// The lines that the plugin logged before there was an instance.
        public let log: [String]

        /// - Parameter description: one sentence.
        public init(description: String, violations: [Violation] = [], log: [String] = []) {
            self.description = description
            self.violations = violations
            self.log = log
        }
    }

    /// It is unchecked because the pointers are constants and the interface may be called from any thread.
    private struct Handles: @unchecked Sendable {
        let plugin: UnsafePointer<gw_plugin>
        let cache: OpaquePointer
    }

    private let handles: Handles
    private let record: HostRecord
    /// Whether the plugin requires one call at a time (rule T-2).
    private let isSerial: Bool
    private let serial = Mutex(())
    /// How long the plugin took to make the instance, in seconds.
    public let creationSeconds: Double

    /// Makes an instance.
    ///
    /// - Parameters:
    ///   - configured: parameters by name, as texts: see `GivenParameters`.
    ///   - environment: environment variables by name.
    ///   - style: what kind of host it is.
    ///   - clock: the clock that the plugin is given.
    public init(
        _ plugin: TestedPlugin,
        _ configured: [String: String] = [:],
        environment: [String: String] = [:],
        style: HostStyle = HostStyle(),
        clock: HostClock = HostClock()
    ) throws(Complaint) {
        let violations = ViolationLog()
        let descriptor = plugin.descriptor
        record = HostRecord(clock: clock, style: style, violations: violations)
        let host = record.makeHost(blockingThreads: descriptor.pointee.threads == GW_THREADS_BLOCKING ? 4 : 0)
        let error = ErrorMemory.make(style)
        let reason = error.pointer(to: gw_error.self)
        var made: OpaquePointer?
        let began = Self.now
        let status = GivenParameters(plugin, configured, environment, style, violations).lend {
            descriptor.pointee.create(host, $0, reason, &made)
        }
        creationSeconds = Double(Self.now - began) / 1e9
        let text = reason.pointee.text
        ErrorMemory.check(reason.pointee, violations)
        error.end()
        violations.expect(creationSeconds < 1, .c2, "takes \(creationSeconds) seconds to make an instance")
        guard status == GW_OK, let made else {
            violations.expect(status < 0, .l7, "returned \(status) from create")
            throw Complaint(description: text, violations: violations.all, log: record.log)
        }
        handles = Handles(plugin: descriptor, cache: made)
        isSerial = descriptor.pointee.threads == GW_THREADS_SERIAL
    }

    /// The operating system's monotonic clock, in nanoseconds.
    public static var now: UInt64 { HostClock.system(CLOCK_MONOTONIC) }

    /// The lines that the plugin logged.
    public var log: [String] { record.log }
    /// The states of its backend (`GW_HEALTH_...`) that the plugin reported, with their reasons.
    public var health: [(state: UInt32, reason: String)] { record.health }
    /// How often the plugin completed an operation that was not pending.
    public var strayCompletions: Int { record.strayCompletions }
    /// The plugin's violations of the rules so far.
    public var violations: [Violation] { record.violations.all }
    /// The clock that the plugin is given.
    public var clock: HostClock { record.clock }

    /// A figure that the plugin reports.
    struct Figure {
        /// `GW_STAT_COUNTER` or `GW_STAT_GAUGE`.
        let kind: UInt32
        let value: UInt64
    }

    /// The figures that the plugin reports, by name. It is empty if the plugin has no such function.
    public var statistics: [String: UInt64] { figures.mapValues(\.value) }

    /// The figures that the plugin reports, by name, with their kinds.
    var figures: [String: Figure] {
        final class Sheet { var figures: [String: Figure] = [:] }
        let sheet = Sheet()
        let size = Int(GW_STATS_SIZE_1_0)
        let memory = GuardedMemory(byteCount: size + record.style.growth, isGuarded: record.style.isGuarded)
        let stats = memory.place(gw_stats())
        defer { memory.end() }
        stats.pointee.struct_size = UInt32(size + record.style.growth)
        stats.pointee.reserved = record.style.reserved
        stats.pointee.host_data = Unmanaged.passUnretained(sheet).toOpaque()
        stats.pointee.add = { stats, name, kind, value in
            guard let data = stats?.pointee.host_data, let name else { return }
            let figure = Figure(kind: kind, value: value)
            Unmanaged<Sheet>.fromOpaque(data).takeUnretainedValue().figures[String(cString: name)] = figure
        }
        withExtendedLifetime(sheet) {
            if let report = handles.plugin.pointee.stats { report(handles.cache, stats) }
        }
        return sheet.figures
    }

    /// Waits until the plugin has reported a state `times` times, for at most ten seconds.
    public func reported(_ state: UInt32, times: Int = 1) -> Bool {
        for _ in 0..<2000 {
            if health.filter({ $0.state == state }).count >= times { return true }
            usleep(5000)
        }
        return false
    }

    // MARK: Operations

    /// Lets the plugin connect. The operation is done at once if the plugin has no such function.
    public func start(within seconds: Double? = nil) -> PendingOperation { begin(.start, seconds) }

    /// Looks up keys.
    public func get(_ keys: String...) -> PendingOperation { begin(.get(keys), nil) }

    /// Looks up keys.
    /// - Parameter seconds: the time until the operation's deadline. It has no deadline where this is nil.
    public func get(_ keys: [String], within seconds: Double? = nil) -> PendingOperation { begin(.get(keys), seconds) }

    /// Stores a text, in two parts.
    public func set(
        _ key: String,
        _ value: String,
        ttl: UInt64 = 60_000,
        within seconds: Double? = nil
    ) -> PendingOperation {
        let parts = [Array(value.utf8.prefix(1)), Array(value.utf8.dropFirst())]
        return set([TestedItem(key, parts, ttlMilliseconds: ttl)], within: seconds)
    }

    /// Stores items.
    /// - Parameter seconds: the time until the operation's deadline. It has no deadline where this is nil.
    public func set(_ items: [TestedItem], within seconds: Double? = nil) -> PendingOperation {
        begin(.set(items), seconds)
    }

    /// Removes keys.
    public func delete(_ keys: String...) -> PendingOperation { begin(.delete(keys), nil) }

    /// Removes keys.
    /// - Parameter seconds: the time until the operation's deadline. It has no deadline where this is nil.
    public func delete(_ keys: [String], within seconds: Double? = nil) -> PendingOperation {
        begin(.delete(keys), seconds)
    }

    /// Removes the keys that begin with a prefix.
    public func flush(_ prefix: String, within seconds: Double? = nil) -> PendingOperation {
        begin(.flush(prefix), seconds)
    }

    /// Makes a round trip to the backend.
    public func ping(within seconds: Double? = nil) -> PendingOperation { begin(.ping, seconds) }

    /// Tells the plugin that nothing waits for an operation any more. It must still be completed.
    public func cancel(_ operation: PendingOperation) { cancel(id: operation.id) }

    /// Cancels an operation of which only the id is known.
    public func cancel(id: UInt64) { handles.plugin.pointee.cancel?(handles.cache, id) }

    /// Gives leases back.
    public func release(_ leases: [UInt64]) {
        guard !leases.isEmpty else { return }
        // The array is valid during the call alone.
        let size = MemoryLayout<UInt64>.stride
        let memory = GuardedMemory(byteCount: leases.count * size, isGuarded: record.style.isGuarded)
        for (index, lease) in leases.enumerated() { memory.place(lease, at: index * size) }
        handles.plugin.pointee.release?(handles.cache, UnsafePointer(memory.pointer()), UInt32(leases.count))
        memory.end()
    }

    /// Tells the plugin to shut down. Only leases may be released afterwards.
    public func beginShutdown(within seconds: Double? = nil) -> PendingOperation { begin(.shutdown, seconds) }

    /// Shuts down and frees the instance.
    public func end() throws(Complaint) {
        let outcome = beginShutdown().wait()
        try destroy()
        guard outcome?.status == GW_OK else { throw Complaint(description: "the plugin did not shut down") }
    }

    /// Frees the instance, after its shutdown is done.
    public func destroy() throws(Complaint) {
        let began = Self.now
        handles.plugin.pointee.destroy(handles.cache)
        let seconds = Double(Self.now - began) / 1e9
        record.violations.expect(seconds < 1, .c6, "takes \(seconds) seconds to destroy an instance")
        record.destroyed()
        guard strayCompletions == 0 else {
            throw Complaint(description: "\(strayCompletions) operations were completed that were not in flight")
        }
    }

    /// Gives back the memory of the operations, all of which must have ended, for tests that measure memory.
    func forgetOperations() { record.forgetOperations() }

    private func begin(_ request: PendingOperation.Request, _ seconds: Double?) -> PendingOperation {
        let deadline = seconds.map { clock.monotonicNanoseconds &+ UInt64(max(0, $0) * 1e9) } ?? 0
        let operation = PendingOperation(
            request,
            deadline: deadline,
            style: record.style,
            violations: record.violations
        )
        record.begin(operation)
        record.returned(operation, call(operation))
        return operation
    }

    private func call(_ operation: PendingOperation) -> Int32 {
        let (plugin, cache) = (handles.plugin.pointee, handles.cache)
        return isSerial ? serial.withLock { _ in operation.call(plugin, cache) } : operation.call(plugin, cache)
    }
}
