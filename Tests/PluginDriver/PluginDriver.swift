import Glibc
import PluginAPI
package import PluginKit
import Synchronization

/// Drives a plugin through its C interface, as the host does: for tests of a plugin without a gateway around it.
package final class PluginDriver: Sendable {
    /// What a plugin does against the rules, or why it cannot be had.
    package struct Complaint: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// Unchecked, because the pointers are constants and the interface may be called from any thread.
    private struct Handles: @unchecked Sendable {
        let plugin: UnsafePointer<gw_plugin>
        let host: UnsafeMutablePointer<gw_host>
        let cache: OpaquePointer
    }

    private let handles: Handles
    private let ears: Ears

    /// What the plugin calls back with.
    private final class Ears: Sendable {
        struct Heard {
            var waiting: [UInt64: PendingOperation] = [:]
            var lastID: UInt64 = 0
            var log: [String] = []
            package var health: [(state: UInt32, reason: String)] = []
            var strayCompletions = 0
        }
        let heard = Mutex(Heard())
    }

    /// Makes an instance of a plugin that is linked into the tests.
    /// - Parameter largestValue: `gw_host.max_value`.
    package convenience init(
        _ export: PluginExport,
        _ parameters: GivenParameters,
        largestValue: UInt64 = 0
    ) throws {
        var descriptor: UnsafePointer<gw_plugin>?
        guard export.answer(nil, &descriptor) == GW_OK, let descriptor else {
            throw Complaint(description: "the plugin does not describe itself")
        }
        try self.init(descriptor, parameters, largestValue: largestValue)
    }

    /// Makes an instance of a plugin as it is shipped.
    package convenience init(library: String, _ parameters: GivenParameters) throws {
        typealias Entry =
            @convention(c) (UnsafePointer<gw_abi>?, UnsafeMutablePointer<UnsafePointer<gw_plugin>?>) -> Int32
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL), let symbol = dlsym(handle, GW_ENTRY_SYMBOL) else {
            throw Complaint(description: String(cString: dlerror()))
        }
        var descriptor: UnsafePointer<gw_plugin>?
        guard unsafeBitCast(symbol, to: Entry.self)(nil, &descriptor) == GW_OK, let descriptor else {
            throw Complaint(description: "\(library) does not describe itself")
        }
        try self.init(descriptor, parameters)
    }

    private init(
        _ plugin: UnsafePointer<gw_plugin>,
        _ given: GivenParameters,
        largestValue: UInt64 = 0
    ) throws {
        let ears = Ears()
        let host = UnsafeMutablePointer<gw_host>.allocate(capacity: 1)
        host.initialize(to: gw_host())
        host.pointee.struct_size = UInt32(MemoryLayout<gw_host>.size)
        host.pointee.abi_minor = GW_ABI_MINOR
        host.pointee.max_value = largestValue
        host.pointee.host_data = Unmanaged.passRetained(ears).toOpaque()
        host.pointee.log_level = { _ in 0 }
        host.pointee.log = { host, _, text in
            PluginDriver.ears(host)?.heard.withLock { $0.log.append(PluginDriver.text(text)) }
        }
        host.pointee.health = { host, state, text in
            PluginDriver.ears(host)?.heard.withLock { $0.health.append((state, PluginDriver.text(text))) }
        }
        host.pointee.now_monotonic_ns = { _ in PluginDriver.now }
        host.pointee.now_unix_ms = { _ in PluginDriver.unix }
        host.pointee.complete = { host, id, status in
            let operation = PluginDriver.ears(host)?.heard.withLock { heard in
                let operation = heard.waiting.removeValue(forKey: id)
                if operation == nil { heard.strayCompletions += 1 }
                return operation
            }
            operation?.end(status)
        }
        var made: OpaquePointer?
        let error = UnsafeMutablePointer<gw_error>.allocate(capacity: 1)
        defer { error.deallocate() }
        error.initialize(to: gw_error())
        error.pointee.struct_size = UInt32(MemoryLayout<gw_error>.size)
        guard given.withTable({ plugin.pointee.create(host, $0, error, &made) }) == GW_OK, let made else {
            throw Complaint(description: PendingOperation.text(error))
        }
        handles = Handles(plugin: plugin, host: host, cache: made)
        self.ears = ears
    }

    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Milliseconds since 1970.
    private static var unix: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    package var log: [String] { ears.heard.withLock { $0.log } }
    package var health: [(state: UInt32, reason: String)] { ears.heard.withLock { $0.health } }
    package var strayCompletions: Int { ears.heard.withLock { $0.strayCompletions } }

    /// What it counts.
    package var statistics: [String: UInt64] {
        final class Sheet { var figures: [String: UInt64] = [:] }
        let sheet = Sheet()
        var stats = gw_stats()
        stats.struct_size = UInt32(MemoryLayout<gw_stats>.size)
        stats.host_data = Unmanaged.passUnretained(sheet).toOpaque()
        stats.add = { stats, name, _, value in
            guard let data = stats?.pointee.host_data, let name else { return }
            Unmanaged<Sheet>.fromOpaque(data).takeUnretainedValue().figures[String(cString: name)] = value
        }
        withExtendedLifetime(sheet) { handles.plugin.pointee.stats(handles.cache, &stats) }
        return sheet.figures
    }

    /// Waits until the plugin reports a state.
    package func reported(_ state: UInt32, times: Int = 1) -> Bool {
        for _ in 0..<2000 {
            if health.filter({ $0.state == state }).count >= times { return true }
            usleep(5000)
        }
        return false
    }

    // MARK: Operations

    package func get(_ keys: String...) -> PendingOperation { get(keys) }

    package func get(_ keys: [String], within seconds: Double? = nil) -> PendingOperation {
        start(PendingOperation(.get, keys, within: seconds)) { plugin, cache, operation in
            operation.withGet { plugin.pointee.get(cache, $0) }
        }
    }

    package func set(
        _ key: String,
        _ value: String,
        ttl: UInt64 = 60_000,
        ifAbsent: Bool = false,
        within seconds: Double? = nil
    ) -> PendingOperation {
        let operation = PendingOperation(.set, [key], value: value, ttl: ttl, ifAbsent: ifAbsent, within: seconds)
        return start(operation) { plugin, cache, operation in operation.withSet { plugin.pointee.set(cache, $0) } }
    }

    package func delete(_ keys: String...) -> PendingOperation {
        start(PendingOperation(.delete, keys)) { plugin, cache, operation in
            operation.withDelete { plugin.pointee.del(cache, $0) }
        }
    }

    package func flush(_ prefix: String) -> PendingOperation {
        start(PendingOperation(.flush, [prefix])) { plugin, cache, operation in
            operation.withFlush { plugin.pointee.flush(cache, $0) }
        }
    }

    package func ping() -> PendingOperation {
        start(PendingOperation(.plain, [])) { plugin, cache, operation in
            operation.withPlain { plugin.pointee.ping(cache, $0) }
        }
    }

    package func cancel(_ operation: PendingOperation) { handles.plugin.pointee.cancel(handles.cache, operation.id) }

    package func release(_ leases: [UInt64]) {
        handles.plugin.pointee.release(handles.cache, leases, UInt32(leases.count))
    }

    package func beginShutdown() -> PendingOperation {
        start(PendingOperation(.plain, [])) { plugin, cache, operation in
            operation.withPlain { plugin.pointee.shutdown(cache, $0) }
        }
    }

    /// Shuts down and frees the instance.
    package func end() throws {
        let outcome = beginShutdown().wait()
        try destroy()
        guard outcome?.status == GW_OK else { throw Complaint(description: "the plugin did not shut down") }
    }

    /// Frees the instance.
    package func destroy() throws {
        handles.plugin.pointee.destroy(handles.cache)
        guard strayCompletions == 0 else {
            throw Complaint(description: "\(strayCompletions) operations were completed that were not in flight")
        }
    }

    private func start(
        _ operation: PendingOperation,
        _ call: (UnsafePointer<gw_plugin>, OpaquePointer, PendingOperation) -> Int32
    ) -> PendingOperation {
        ears.heard.withLock { heard in
            heard.lastID += 1
            operation.id = heard.lastID
            heard.waiting[operation.id] = operation
        }
        let status = call(handles.plugin, handles.cache, operation)
        if status != GW_PENDING {
            ears.heard.withLock { _ = $0.waiting.removeValue(forKey: operation.id) }
            operation.end(status)
        }
        return operation
    }

    private static func ears(_ host: UnsafePointer<gw_host>?) -> Ears? {
        host?.pointee.host_data.map { Unmanaged<Ears>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func text(_ slice: gw_slice) -> String {
        String(decoding: UnsafeRawBufferPointer(start: slice.p, count: Int(slice.n)), as: UTF8.self)
    }
}
