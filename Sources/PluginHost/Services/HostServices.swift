import Glibc
import PluginAPI
import Synchronization

/// The host's services for an instance of a plugin: `gw_host` and its implementation.
///
/// It is never freed, since a plugin that breaks rule T-5 calls it after its instance is gone; that must be logged and
/// not crash. An instance is made once per start or reload, and costs a few hundred bytes and its completion slots.
final class HostServices: Sendable {
    let misbehaviour: Misbehaviour
    let control = ControlOperations()
    private let name: String
    private let log: PluginLog
    private let redaction: Redaction
    private let clock: PluginClock
    private let health: @Sendable (PluginHealth.Report) -> Void
    private let queueCount: Int
    /// Each pointer is set once and then only read. What it points to is never freed.
    private nonisolated(unsafe) let queues: UnsafeMutablePointer<Atomic<Unmanaged<CompletionQueue>?>>
    private let usedQueues = Atomic<Int>(0)

    init(
        name: String,
        title: String,
        log: PluginLog,
        secrets: [String],
        clock: PluginClock,
        ports: Int,
        health: @escaping @Sendable (PluginHealth.Report) -> Void
    ) {
        self.name = name
        self.log = log
        self.redaction = Redaction(secrets: secrets)
        self.clock = clock
        self.health = health
        misbehaviour = Misbehaviour { sentence in log.write(.pluginMisbehaving, name, "\(title) \(sentence)") }
        queueCount = ports
        queues = .allocate(capacity: max(1, ports))
        for index in 0..<max(1, ports) { (queues + index).initialize(to: Atomic(nil)) }
    }

    /// Makes the struct for the plugin, which is never freed.
    func makeHost(
        hostVersion: String,
        ioThreads: Int,
        maxInFlight: Int,
        largestValue: Int,
        blockingThreads: Int
    ) -> UnsafePointer<gw_host> {
        let host = UnsafeMutablePointer<gw_host>.allocate(capacity: 1)
        host.initialize(to: gw_host())
        host.pointee.struct_size = UInt32(MemoryLayout<gw_host>.size)
        host.pointee.abi_minor = UInt32(GW_ABI_MINOR)
        host.pointee.host_data = Unmanaged.passRetained(self).toOpaque()
        host.pointee.name = UnsafePointer(strdup("gateway"))
        host.pointee.version = UnsafePointer(strdup(hostVersion))
        host.pointee.instance = UnsafePointer(strdup(name))
        host.pointee.io_threads_hint = UInt32(clamping: ioThreads)
        host.pointee.max_inflight = UInt32(clamping: maxInFlight)
        host.pointee.complete = { host, id, status in
            HostServices.behind(host)?.complete(OperationID(rawValue: id), status: status)
        }
        host.pointee.log_level = { host in HostServices.behind(host)?.log.level().rawValue ?? UInt32(GW_LOG_ERROR) }
        host.pointee.log = { host, level, message in HostServices.behind(host)?.write(level, message) }
        host.pointee.now_monotonic_ns = { host in HostServices.behind(host)?.clock.monotonicNanoseconds() ?? 0 }
        host.pointee.now_unix_ms = { host in HostServices.behind(host)?.clock.unixMilliseconds() ?? 0 }
        host.pointee.health = { host, state, reason in HostServices.behind(host)?.report(state, reason) }
        host.pointee.get_extension = { _, _ in nil }
        host.pointee.max_value = UInt64(clamping: largestValue)
        host.pointee.blocking_threads = UInt32(clamping: blockingThreads)
        return UnsafePointer(host)
    }

    /// - Returns: the new queue. It is nil if all places are taken.
    func addQueue(_ make: (Int) -> CompletionQueue) -> CompletionQueue? {
        let index = usedQueues.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < queueCount else { return nil }
        let queue = make(index)
        queues[index].store(Unmanaged.passRetained(queue), ordering: .releasing)
        return queue
    }

    func complete(_ id: OperationID, status: Int32) {
        let verdict: CompletionQueue.Verdict
        if id.port == OperationID.controlPort {
            verdict = control.complete(id, status: status)
        } else if id.port < queueCount, let queue = queues[id.port].load(ordering: .acquiring) {
            verdict = queue._withUnsafeGuaranteedRef { $0.complete(id, status: status) }
        } else {
            verdict = .unknown
        }
        switch verdict {
        case .accepted: break
        case .double: misbehaviour.note(.doubleCompletion)
        case .stale: misbehaviour.note(.staleCompletion)
        case .unknown: misbehaviour.note(.unknownCompletion)
        }
    }

    /// Cleans a text of the plugin: without secrets, on one line.
    func clean(_ text: String) -> String {
        Printable.text(redaction.clean(text))
    }

    func write(_ level: PluginLog.Level, _ message: String) {
        log.write(level, name, message)
    }

    private func write(_ level: UInt32, _ message: gw_slice) {
        // A level of a later minor version is an error (rule L-7).
        let level = level > GW_LOG_HOST_MISBEHAVING ? .error : PluginLog.Level(rawValue: level) ?? .error
        guard level >= log.level() else { return }
        log.write(level, name, clean(Self.text(message)))
    }

    private func report(_ state: UInt32, _ reason: gw_slice) {
        let state = PluginHealth.State(rawValue: state) ?? .degraded
        health(PluginHealth.Report(state: state, reason: clean(Self.text(reason))))
    }

    private static func text(_ slice: gw_slice) -> String {
        guard let bytes = slice.p else { return "" }
        let count = Int(min(slice.n, 8192))
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    private static func behind(_ host: UnsafePointer<gw_host>?) -> HostServices? {
        host?.pointee.host_data.map { Unmanaged<HostServices>.fromOpaque($0).takeUnretainedValue() }
    }
}
