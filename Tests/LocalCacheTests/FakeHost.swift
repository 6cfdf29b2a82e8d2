import PluginAPI
import PluginKit
import Testing

@testable import LocalCache

/// The least that a gateway does with a plugin. Strides are larger than the plugin's own structs, as those of a later
/// minor version are (rules L-1, L-2).
final class FakeHost {
    static let stride = 128

    let plugin: UnsafePointer<gw_plugin>
    let cache: OpaquePointer
    let host = UnsafeMutablePointer<gw_host>.allocate(capacity: 1)
    /// The clock and, behind it, the number of completions.
    let clock = UnsafeMutablePointer<UInt64>.allocate(capacity: 2)
    var completions: UnsafeMutablePointer<UInt64> { clock + 1 }
    var lastTTLs: [UInt64] = []
    private var kept: [UInt64] = []

    static func descriptor() throws -> UnsafePointer<gw_plugin> {
        var plugin: UnsafePointer<gw_plugin>?
        #expect(export.answer(nil, &plugin) == GW_OK)
        return try #require(plugin)
    }

    init() throws {
        plugin = try Self.descriptor()
        clock.initialize(repeating: 0, count: 2)
        clock.pointee = 1_000_000_000
        var host = gw_host()
        host.struct_size = UInt32(MemoryLayout<gw_host>.size + 64)
        host.host_data = UnsafeMutableRawPointer(clock)
        host.complete = { host, _, _ in
            host?.pointee.host_data.assumingMemoryBound(to: UInt64.self)[1] += 1
        }
        host.log_level = { _ in UInt32.max }
        host.now_monotonic_ns = { $0?.pointee.host_data.assumingMemoryBound(to: UInt64.self)[0] ?? 0 }
        self.host.initialize(to: host)
        var parameters = gw_params()
        parameters.struct_size = UInt32(MemoryLayout<gw_params>.size)
        parameters.get_int = { _, name, out in
            out?.pointee = name.map { String(cString: $0) } == "max_size" ? 8 << 20 : 1 << 20
            return GW_OK
        }
        var made: OpaquePointer?
        #expect(plugin.pointee.create(self.host, &parameters, nil, &made) == GW_OK)
        cache = try #require(made)
    }

    deinit {
        host.deallocate()
        clock.deallocate()
    }

    func destroy() { plugin.pointee.destroy(cache) }

    func shutdown() -> Int32 {
        var operation = gw_plain_op()
        operation.struct_size = UInt32(MemoryLayout<gw_plain_op>.size)
        operation.op.id = 1
        return plugin.pointee.shutdown(cache, &operation)
    }

    func set(_ key: String, _ parts: [[UInt8]], ttl: UInt64 = 0, flags: UInt32 = 0) -> Int32 {
        let memory = parts.map(Memory.init)
        let key = Memory(Array(key.utf8))
        let items = UnsafeMutableRawPointer.allocate(byteCount: Self.stride, alignment: 16)
        defer { items.deallocate() }
        var status = GW_OK
        memory.map(\.slice).withUnsafeBufferPointer { slices in
            var item = gw_item()
            item.key = key.slice
            item.parts = slices.baseAddress
            item.n_parts = UInt32(slices.count)
            item.flags = flags
            item.ttl_ms = ttl
            items.storeBytes(of: item, as: gw_item.self)
            withUnsafeMutablePointer(to: &status) { status in
                var operation = gw_set_op()
                operation.struct_size = UInt32(MemoryLayout<gw_set_op>.size)
                operation.n = 1
                operation.items = UnsafePointer(items.assumingMemoryBound(to: gw_item.self))
                operation.item_stride = UInt32(Self.stride)
                operation.statuses = status
                #expect(plugin.pointee.set(cache, &operation) == GW_DONE)
            }
        }
        return status
    }

    func get(_ keys: [String], keepingLeases: Bool = false) -> [[UInt8]?] {
        let memory = keys.map { Memory(Array($0.utf8)) }
        let results = UnsafeMutableRawPointer.allocate(byteCount: Self.stride * keys.count, alignment: 16)
        defer { results.deallocate() }
        for index in keys.indices {
            var blank = gw_result()
            blank.status = GW_MISS
            results.storeBytes(of: blank, toByteOffset: index * Self.stride, as: gw_result.self)
        }
        memory.map(\.slice).withUnsafeBufferPointer { slices in
            var operation = gw_get_op()
            operation.struct_size = UInt32(MemoryLayout<gw_get_op>.size)
            operation.n = UInt32(slices.count)
            operation.keys = slices.baseAddress
            operation.results = results.assumingMemoryBound(to: gw_result.self)
            operation.result_stride = UInt32(Self.stride)
            #expect(plugin.pointee.get(cache, &operation) == GW_DONE)
        }
        let all = keys.indices.map { results.load(fromByteOffset: $0 * Self.stride, as: gw_result.self) }
        let values = all.map { result -> [UInt8]? in
            guard result.status == GW_OK else { return nil }
            return Array(UnsafeRawBufferPointer(start: result.value.p, count: Int(result.value.n)))
        }
        lastTTLs = all.map(\.ttl_ms)
        kept += all.map(\.lease).filter { $0 != 0 }
        if !keepingLeases { releaseKept() }
        return values
    }

    /// The status of removing one key.
    func delete(_ key: String) -> Int32 {
        let key = Memory(Array(key.utf8))
        var slice = key.slice
        var status = GW_OK
        withUnsafePointer(to: &slice) { keys in
            withUnsafeMutablePointer(to: &status) { status in
                var operation = gw_del_op()
                operation.struct_size = UInt32(MemoryLayout<gw_del_op>.size)
                operation.n = 1
                operation.keys = keys
                operation.statuses = status
                #expect(plugin.pointee.del(cache, &operation) == GW_DONE)
            }
        }
        return status
    }

    /// How many entries went.
    func flush(_ prefix: String) -> UInt64 {
        let prefix = Memory(Array(prefix.utf8))
        var operation = gw_flush_op()
        operation.struct_size = UInt32(MemoryLayout<gw_flush_op>.size)
        operation.prefix = prefix.slice
        #expect(plugin.pointee.flush(cache, &operation) == GW_DONE)
        return operation.removed
    }

    /// The figures, by name.
    func statistics() -> [String: UInt64] {
        final class Figures {
            var values: [String: UInt64] = [:]
        }
        let figures = Figures()
        var sink = gw_stats()
        sink.struct_size = UInt32(MemoryLayout<gw_stats>.size)
        sink.host_data = Unmanaged.passUnretained(figures).toOpaque()
        sink.add = { sink, name, _, value in
            guard let data = sink?.pointee.host_data, let name else { return }
            Unmanaged<Figures>.fromOpaque(data).takeUnretainedValue().values[String(cString: name)] = value
        }
        plugin.pointee.stats(cache, &sink)
        return figures.values
    }

    func releaseKept() {
        plugin.pointee.release(cache, kept, UInt32(kept.count))
        kept = []
    }
}

/// Bytes at an address that stays.
final class Memory {
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ content: [UInt8]) {
        bytes = .allocate(capacity: content.count)
        _ = bytes.initialize(from: content)
    }

    deinit { bytes.deallocate() }

    var slice: gw_slice { gw_slice(p: UnsafeRawPointer(bytes.baseAddress), n: UInt64(bytes.count)) }
}
