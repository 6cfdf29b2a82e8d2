import PluginAPI
import Synchronization

/// Records what a plugin reports to its host, and which of its operations are pending. `gw_host.host_data` points to
/// it, and it is never freed: a plugin that calls its host after the end breaks rule T-5, but must not crash the tests.
final class HostRecord: Sendable {
    private struct State {
        var waiting: [UInt64: PendingOperation] = [:]
        var lastID: UInt64 = 0
        var log: [String] = []
        var health: [(state: UInt32, reason: String)] = []
        var strayCompletions = 0
        var isDestroyed = false
        /// All operations, to detect that the plugin uses them after their end.
        var operations: [PendingOperation] = []
    }

    let clock: HostClock
    let style: HostStyle
    let violations: ViolationLog
    private let state = Mutex(State())

    init(clock: HostClock, style: HostStyle, violations: ViolationLog) {
        self.clock = clock
        self.style = style
        self.violations = violations
    }

    var log: [String] { state.withLock { $0.log } }
    var health: [(state: UInt32, reason: String)] { state.withLock { $0.health } }
    var strayCompletions: Int { state.withLock { $0.strayCompletions } }

    /// Makes the struct for the plugin, which is never freed.
    func makeHost(blockingThreads: UInt32) -> UnsafePointer<gw_host> {
        let size = Int(GW_HOST_SIZE_1_0)
        let memory = GuardedMemory(byteCount: size + style.growth, isGuarded: style.isGuarded)
        let host = memory.place(gw_host())
        host.pointee.struct_size = UInt32(size + style.growth)
        host.pointee.abi_minor = style.minor
        host.pointee.host_data = Unmanaged.passRetained(self).toOpaque()
        host.pointee.max_value = style.largestValue
        host.pointee.blocking_threads = blockingThreads
        host.pointee.reserved = style.reserved
        host.pointee.io_threads_hint = 1
        host.pointee.max_inflight = style.mostPending
        host.pointee.name = GuardedMemory.text("conformance")
        host.pointee.version = GuardedMemory.text("1")
        host.pointee.instance = GuardedMemory.text("test")
        host.pointee.log_level = { HostRecord.behind($0)?.style.logLevel ?? GW_LOG_TRACE }
        host.pointee.log = { host, _, text in HostRecord.behind(host)?.write(HostRecord.text(text)) }
        host.pointee.health = { host, state, text in HostRecord.behind(host)?.report(state, HostRecord.text(text)) }
        host.pointee.now_monotonic_ns = { HostRecord.behind($0)?.clock.monotonicNanoseconds ?? 0 }
        host.pointee.now_unix_ms = { HostRecord.behind($0)?.clock.unixMilliseconds ?? 0 }
        host.pointee.get_extension = { _, _ in nil }
        host.pointee.complete = { HostRecord.behind($0)?.complete($1, $2) }
        return UnsafePointer(host)
    }

    // MARK: Calls from the plugin

    private func write(_ line: String) {
        note("logged")
        state.withLock { $0.log.append(line) }
    }

    private func report(_ health: UInt32, _ reason: String) {
        note("reported its health")
        state.withLock { $0.health.append((health, reason)) }
    }

    private func complete(_ id: UInt64, _ status: Int32) {
        note("completed an operation")
        violations.expect(status <= 0, .o4, "completed an operation with status \(status), which is no operation's")
        let (operation, wasThere) = state.withLock { state in
            let operation = state.waiting.removeValue(forKey: id)
            if operation == nil { state.strayCompletions += 1 }
            return (operation, id > 0 && id <= state.lastID)
        }
        guard let operation else {
            if wasThere {
                violations.note(.o2, "completed an operation that had ended")
            } else {
                violations.note(.o5, "completed an operation that never was")
            }
            return
        }
        operation.end(status)
    }

    /// Records that the plugin calls the host.
    private func note(_ call: String) {
        if state.withLock({ $0.isDestroyed }) { violations.note(.t5, "\(call) after destroy had returned") }
    }

    // MARK: Calls from the host

    /// Gives an operation its id. The operation may be completed from now on.
    func begin(_ operation: PendingOperation) {
        state.withLock { state in
            state.lastID += 1
            operation.id = state.lastID
            state.waiting[operation.id] = operation
            state.operations.append(operation)
        }
    }

    /// The call of an operation has returned.
    func returned(_ operation: PendingOperation, _ status: Int32) {
        if status == GW_PENDING { return }
        violations.expect(
            status <= 0,
            .o1,
            "returned \(status) from a call, which is neither done, pending nor an error"
        )
        guard state.withLock({ $0.waiting.removeValue(forKey: operation.id) }) != nil else {
            return violations.note(.o2, "returned done or an error and also completed the operation")
        }
        operation.end(status)
    }

    /// Gives back the memory of the operations, all of which must have ended. Their late use is no longer detected.
    func forgetOperations() {
        let operations = state.withLock { state in
            defer { state.operations = [] }
            return state.operations
        }
        for operation in operations { operation.free() }
    }

    /// The instance has been destroyed.
    func destroyed() {
        let (pending, operations) = state.withLock { state in
            state.isDestroyed = true
            let operations = state.operations
            state.operations = []
            return (state.waiting.count, operations)
        }
        violations.expect(pending == 0, .o2, "has not completed \(pending) operations by the time it is destroyed")
        for operation in operations { operation.checkUntouched(violations) }
    }

    private static func behind(_ host: UnsafePointer<gw_host>?) -> HostRecord? {
        host?.pointee.host_data.map { Unmanaged<HostRecord>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func text(_ slice: gw_slice) -> String {
        String(decoding: UnsafeRawBufferPointer(start: slice.p, count: Int(slice.n)), as: UTF8.self)
    }
}
