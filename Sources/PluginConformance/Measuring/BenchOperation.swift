import PluginAPI

/// The memory of one thread's operations: made once and used again, as the gateway does.
///
/// Nothing of it is freed.
struct BenchOperation {
    private let get: UnsafeMutablePointer<gw_get_op>
    private let set: UnsafeMutablePointer<gw_set_op>
    private let keys: UnsafeMutablePointer<gw_slice>
    private let results: UnsafeMutablePointer<gw_result>
    private let items: UnsafeMutablePointer<gw_item>
    private let statuses: UnsafeMutablePointer<Int32>
    private let leases: UnsafeMutablePointer<UInt64>
    private let count: Int

    /// - Parameters:
    ///   - id: the id of the operations.
    ///   - count: how many items each has.
    ///   - value: the value of every item, which must stay valid.
    init(id: UInt64, count: Int, value: UnsafeMutablePointer<gw_slice>) {
        self.count = count
        keys = .allocate(capacity: count)
        keys.initialize(repeating: gw_slice(), count: count)
        results = .allocate(capacity: count)
        results.initialize(repeating: gw_result(), count: count)
        items = .allocate(capacity: count)
        items.initialize(repeating: gw_item(), count: count)
        statuses = .allocate(capacity: count)
        statuses.initialize(repeating: GW_OK, count: count)
        leases = .allocate(capacity: count)
        leases.initialize(repeating: 0, count: count)
        get = .allocate(capacity: 1)
        get.initialize(to: gw_get_op())
        get.pointee.struct_size = UInt32(MemoryLayout<gw_get_op>.size)
        get.pointee.n = UInt32(count)
        get.pointee.op.id = id
        get.pointee.keys = UnsafePointer(keys)
        get.pointee.results = results
        get.pointee.result_stride = UInt32(MemoryLayout<gw_result>.stride)
        set = .allocate(capacity: 1)
        set.initialize(to: gw_set_op())
        set.pointee.struct_size = UInt32(MemoryLayout<gw_set_op>.size)
        set.pointee.n = UInt32(count)
        set.pointee.op.id = id
        set.pointee.items = UnsafePointer(items)
        set.pointee.item_stride = UInt32(MemoryLayout<gw_item>.stride)
        set.pointee.statuses = statuses
        for index in 0..<count {
            items[index].parts = UnsafePointer(value)
            items[index].n_parts = 1
            items[index].ttl_ms = 600_000
        }
    }

    /// Stores the value under keys.
    /// - Returns: how many items were stored, or nil where the operation did not end.
    func store(_ names: some Collection<gw_slice>, _ thread: Int, _ subject: BenchSubject) -> Int? {
        for (index, name) in names.enumerated() {
            items[index].key = name
            statuses[index] = GW_OK
        }
        let status = subject.host.run(thread) { subject.plugin.pointee.set(subject.cache, set) }
        guard let status else { return nil }
        return status == GW_OK ? (0..<count).count { statuses[$0] == GW_OK } : 0
    }

    /// Looks up keys, and releases what was found.
    /// - Returns: how many were found, or nil where the operation did not end.
    func lookUp(_ names: some Collection<gw_slice>, _ thread: Int, _ subject: BenchSubject) -> Int? {
        for (index, name) in names.enumerated() {
            keys[index] = name
            results[index] = gw_result()
            results[index].status = GW_MISS
        }
        let status = subject.host.run(thread) { subject.plugin.pointee.get(subject.cache, get) }
        guard let status else { return nil }
        guard status == GW_OK else { return 0 }
        var (found, leased) = (0, 0)
        for index in 0..<count where results[index].status == GW_OK {
            found += 1
            guard results[index].lease != 0 else { continue }
            leases[leased] = results[index].lease
            leased += 1
        }
        if leased > 0 { subject.plugin.pointee.release?(subject.cache, leases, UInt32(leased)) }
        return found
    }
}

/// The instance that is measured.
///
/// It is unchecked because the pointers are constant and the interface may be called from any thread.
struct BenchSubject: @unchecked Sendable {
    let plugin: UnsafePointer<gw_plugin>
    let cache: OpaquePointer
    let host: BenchHost
}
