import Dispatch
import Glibc
import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import RedisCache

/// Drives the plugin through its C interface, as the host does.
final class PluginDriver: Sendable {
    /// Unchecked, because the pointers are constants and the interface may be called from any thread.
    private struct Handles: @unchecked Sendable {
        let plugin: UnsafePointer<gw_plugin>
        let host: UnsafeMutablePointer<gw_host>
        let cache: OpaquePointer
    }

    private let handles: Handles
    private let ears: Ears

    /// What the plugin calls back with.
    final class Ears: Sendable {
        struct Heard {
            var waiting: [UInt64: PendingOperation] = [:]
            var lastID: UInt64 = 0
            var log: [String] = []
            var health: [(state: UInt32, reason: String)] = []
            var strayCompletions = 0
        }
        let heard = Mutex(Heard())
    }

    init(_ configured: [String: String]) throws {
        var descriptor: UnsafePointer<gw_plugin>?
        #expect(export.answer(nil, &descriptor) == GW_OK)
        let plugin = try #require(descriptor)
        let ears = Ears()
        let host = UnsafeMutablePointer<gw_host>.allocate(capacity: 1)
        host.initialize(to: gw_host())
        host.pointee.struct_size = UInt32(MemoryLayout<gw_host>.size)
        host.pointee.host_data = Unmanaged.passRetained(ears).toOpaque()
        host.pointee.log_level = { _ in 0 }
        host.pointee.log = { host, _, text in
            PluginDriver.ears(host)?.heard.withLock { $0.log.append(PluginDriver.text(text)) }
        }
        host.pointee.health = { host, state, text in
            PluginDriver.ears(host)?.heard.withLock { $0.health.append((state, PluginDriver.text(text))) }
        }
        host.pointee.now_monotonic_ns = { _ in PluginDriver.now }
        host.pointee.complete = { host, id, status in
            let operation = PluginDriver.ears(host)?.heard.withLock { heard in
                let operation = heard.waiting.removeValue(forKey: id)
                if operation == nil { heard.strayCompletions += 1 }
                return operation
            }
            operation?.end(status)
        }
        let given = GivenParameters(configured: configured)
        var made: OpaquePointer?
        let error = UnsafeMutablePointer<gw_error>.allocate(capacity: 1)
        defer { error.deallocate() }
        error.initialize(to: gw_error())
        error.pointee.struct_size = UInt32(MemoryLayout<gw_error>.size)
        let status = given.withTable { plugin.pointee.create(host, $0, error, &made) }
        #expect(status == GW_OK)
        handles = Handles(plugin: plugin, host: host, cache: try #require(made))
        self.ears = ears
    }

    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    var log: [String] { ears.heard.withLock { $0.log } }
    var health: [(state: UInt32, reason: String)] { ears.heard.withLock { $0.health } }
    var strayCompletions: Int { ears.heard.withLock { $0.strayCompletions } }

    /// Waits until the plugin reports a state.
    func reported(_ state: UInt32, times: Int = 1) -> Bool {
        for _ in 0..<2000 {
            if health.filter({ $0.state == state }).count >= times { return true }
            usleep(5000)
        }
        return false
    }

    // MARK: Operations

    func get(_ keys: String...) -> PendingOperation { get(keys) }

    func get(_ keys: [String]) -> PendingOperation {
        start(PendingOperation(.get, keys)) { plugin, cache, operation in
            operation.withGet { plugin.pointee.get(cache, $0) }
        }
    }

    func set(_ key: String, _ value: String, ttl: UInt64 = 60_000, ifAbsent: Bool = false) -> PendingOperation {
        let operation = PendingOperation(.set, [key], value: value, ttl: ttl, ifAbsent: ifAbsent)
        return start(operation) { plugin, cache, operation in operation.withSet { plugin.pointee.set(cache, $0) } }
    }

    func delete(_ keys: String...) -> PendingOperation {
        start(PendingOperation(.delete, keys)) { plugin, cache, operation in
            operation.withDelete { plugin.pointee.del(cache, $0) }
        }
    }

    func flush(_ prefix: String) -> PendingOperation {
        start(PendingOperation(.flush, [prefix])) { plugin, cache, operation in
            operation.withFlush { plugin.pointee.flush(cache, $0) }
        }
    }

    func ping() -> PendingOperation {
        start(PendingOperation(.plain, [])) { plugin, cache, operation in
            operation.withPlain { plugin.pointee.ping(cache, $0) }
        }
    }

    func cancel(_ operation: PendingOperation) { handles.plugin.pointee.cancel(handles.cache, operation.id) }

    func release(_ leases: [UInt64]) {
        handles.plugin.pointee.release(handles.cache, leases, UInt32(leases.count))
    }

    func beginShutdown() -> PendingOperation {
        start(PendingOperation(.plain, [])) { plugin, cache, operation in
            operation.withPlain { plugin.pointee.shutdown(cache, $0) }
        }
    }

    /// Shuts down and frees the instance.
    func end() {
        #expect(beginShutdown().wait()?.status == GW_OK)
        destroy()
    }

    /// Frees the instance.
    func destroy() {
        handles.plugin.pointee.destroy(handles.cache)
        #expect(strayCompletions == 0)
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
