import Dispatch
import PluginAPI

/// An item to store.
public struct TestedItem: Sendable {
    /// The key, of 1 to 512 bytes.
    public var key: String
    /// The value is the concatenation of these parts.
    public var parts: [[UInt8]]
    /// The time to live, where 0 means no limit.
    public var ttlMilliseconds: UInt64

    /// - Parameter parts: byte arrays whose concatenation is the value.
    public init(_ key: String, _ parts: [[UInt8]], ttlMilliseconds: UInt64 = 0) {
        self.key = key
        self.parts = parts
        self.ttlMilliseconds = ttlMilliseconds
    }
}

/// An operation that was given to a plugin, and its outcome.
///
/// It is unchecked because only the plugin writes to the memory until it completes the operation, and one thread reads
/// it afterwards.
public final class PendingOperation: @unchecked Sendable {
    /// The operation to carry out.
    enum Request {
        case get([String])
        case set([TestedItem])
        case delete([String])
        case flush(String)
        case ping, start, shutdown
    }

    /// How an operation ended.
    public struct Outcome: Equatable, Sendable {
        /// The operation's status, `GW_OK` or an error.
        public var status: Int32
        /// The status of each item. There are none if the operation failed.
        public var statuses: [Int32] = []
        /// The value of each item of a get. It is nil where there was no hit.
        public var bytes: [[UInt8]?] = []
        /// The leases that have to be released.
        public var leases: [UInt64] = []
        /// How many entries a flush removed.
        public var removed: UInt64 = 0
        /// The plugin's reason for a failure.
        public var reason = ""

        /// The value of each item of a get as text. It is nil where there was no hit.
        public var values: [String?] { bytes.map { $0.map { String(decoding: $0, as: UTF8.self) } } }
    }

    var id: UInt64 = 0
    /// How long the call took that gave the operation to the plugin, in seconds.
    public private(set) var callSeconds = 0.0
    let request: Request
    private let memory: OperationBuffers
    private let violations: ViolationLog
    private let ended = DispatchSemaphore(value: 0)
    private var outcome: Outcome?
    /// The values that a get found, in the plugin's memory.
    private var kept: [(bytes: UnsafeRawBufferPointer, copy: [UInt8])] = []

    init(_ request: Request, deadline: UInt64, style: HostStyle, violations: ViolationLog) {
        self.request = request
        self.violations = violations
        memory = OperationBuffers(request, deadline: deadline, style: style)
    }

    /// [any thread] Waits until the operation has ended.
    /// - Returns: nil if it has not ended within `seconds`.
    public func wait(seconds: Double = 10) -> Outcome? {
        guard ended.wait(timeout: .now() + seconds) == .success else { return nil }
        ended.signal()
        return outcome
    }

    /// The value of the one key that was looked up. It is nil where none was found within ten seconds.
    public func found() -> String? { wait()?.values.first ?? nil }

    /// Whether the found values are unchanged since the operation ended, as they must be until their leases are
    /// released.
    public func hasUnchangedValues() -> Bool { kept.allSatisfy { $0.bytes.elementsEqual($0.copy) } }

    /// Calls the plugin.
    func call(_ plugin: gw_plugin, _ cache: OpaquePointer) -> Int32 {
        memory.setID(id)
        let began = PluginDriver.now
        defer { callSeconds = Double(PluginDriver.now - began) / 1e9 }
        return switch request {
        case .get: plugin.get(cache, memory.operation())
        case .set: plugin.set(cache, memory.operation())
        case .delete: plugin.del?(cache, memory.operation()) ?? GW_ENOTSUP
        case .flush: plugin.flush?(cache, memory.operation()) ?? GW_ENOTSUP
        case .ping: plugin.ping(cache, memory.operation())
        case .start: plugin.start?(cache, memory.operation()) ?? GW_DONE
        case .shutdown: plugin.shutdown(cache, memory.operation())
        }
    }

    /// The plugin has ended the operation.
    func end(_ status: Int32) {
        var outcome = Outcome(status: status)
        violations.expect(
            status >= Self.leastStatus,
            .l7,
            "ended an operation with status \(status), which the interface does not have"
        )
        if status == GW_OK { read(into: &outcome) } else { readFailure(into: &outcome) }
        memory.check(violations)
        memory.end()
        self.outcome = outcome
        ended.signal()
    }

    /// The least status that the interface has.
    private static let leastStatus = GW_EPARTIAL

    private func readFailure(into outcome: inout Outcome) {
        outcome.reason = memory.reason
        memory.checkError(violations)
        violations.expect(
            !memory.hasLeftGaps || memory.results.allSatisfy { $0.lease == 0 },
            .v4,
            "gave leases in an operation that failed"
        )
    }

    private func read(into outcome: inout Outcome) {
        outcome.removed = memory.removed
        // If the plugin did not use the stride, what is there is not a result, and least of all a lease.
        guard memory.hasLeftGaps else { return }
        outcome.statuses = memory.statuses
        let mayMiss = if case .set = request { false } else { true }
        violations.expect(
            outcome.statuses.allSatisfy { $0 <= (mayMiss ? GW_MISS : GW_OK) && $0 >= Self.leastStatus },
            .l7,
            "gave an item a status that the interface does not have"
        )
        for result in memory.results {
            guard result.status == GW_OK else {
                violations.expect(result.lease == 0, .v4, "gave a lease for an item that was not found")
                outcome.bytes.append(nil)
                continue
            }
            if result.lease != 0 { outcome.leases.append(result.lease) }
            guard result.value.n == 0 || result.value.p != nil, result.value.n <= 1 << 32 else {
                violations.note(.v1, "gave a value that cannot be: NULL with a length, or longer than any memory")
                outcome.bytes.append(nil)
                continue
            }
            let bytes = UnsafeRawBufferPointer(start: result.value.p, count: Int(result.value.n))
            outcome.bytes.append(Array(bytes))
            kept.append((bytes, Array(bytes)))
        }
    }

    /// Gives its memory back. It must have ended.
    func free() { memory.free() }

    /// Checks, once the instance is destroyed, that the plugin has not written to the memory after the operation's end.
    func checkUntouched(_ violations: ViolationLog) {
        guard outcome != nil else { return }
        violations.expect(memory.isUntouched, .o3, "wrote to an operation's memory after its end")
    }
}
