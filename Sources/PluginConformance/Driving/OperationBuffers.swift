import PluginAPI

/// The structs of one operation, as a host of a later minor version lays them out: larger than the plugin's own, with
/// wider strides, and filled with a pattern wherever the plugin must not write.
struct OperationBuffers {
    private static let resultStride = MemoryLayout<gw_result>.stride + GuardedMemory.growth
    private static let itemStride = MemoryLayout<gw_item>.stride + GuardedMemory.growth

    private let request: PendingOperation.Request
    private let count: Int
    private let head: GuardedMemory
    private let headBytes: Int
    private let error = GuardedMemory(byteCount: MemoryLayout<gw_error>.size)
    private let keys: GuardedMemory
    private let resultMemory: GuardedMemory
    private let statusMemory: GuardedMemory
    /// The memory that the plugin may read but not change, with a copy.
    private var inputs: [(memory: GuardedMemory, copy: [UInt8])] = []

    init(_ request: PendingOperation.Request, deadline: UInt64) {
        self.request = request
        let names: [String] =
            switch request {
            case .get(let keys), .delete(let keys): keys
            case .set(let items): items.map(\.key)
            case .flush(let prefix): [prefix]
            case .ping, .start, .shutdown: []
            }
        count = names.count
        error.place(gw_error())
        error.pointer(to: gw_error.self).pointee.struct_size = UInt32(MemoryLayout<gw_error>.size)
        keys = GuardedMemory(byteCount: names.count * MemoryLayout<gw_slice>.stride)
        resultMemory = GuardedMemory(byteCount: names.count * Self.resultStride)
        statusMemory = GuardedMemory(byteCount: (names.count + 4) * MemoryLayout<Int32>.stride)
        head = GuardedMemory(byteCount: 256)
        headBytes =
            switch request {
            case .get: MemoryLayout<gw_get_op>.size
            case .set: MemoryLayout<gw_set_op>.size
            case .delete: MemoryLayout<gw_del_op>.size
            case .flush: MemoryLayout<gw_flush_op>.size
            case .ping, .start, .shutdown: MemoryLayout<gw_plain_op>.size
            }
        var operation = gw_op()
        operation.deadline_ns = deadline
        operation.error = error.pointer(to: gw_error.self)
        for (index, name) in names.enumerated() {
            keys.place(lend(Array(name.utf8)), at: index * MemoryLayout<gw_slice>.stride)
            statusMemory.place(GW_OK, at: index * MemoryLayout<Int32>.stride)
            var blank = gw_result()
            blank.status = GW_MISS
            resultMemory.place(blank, at: index * Self.resultStride)
        }
        switch request {
        case .get:
            var get = gw_get_op()
            get.n = UInt32(count)
            get.op = operation
            get.keys = UnsafePointer(keys.pointer(to: gw_slice.self))
            get.results = resultMemory.pointer(to: gw_result.self)
            get.result_stride = UInt32(Self.resultStride)
            head.place(get)
        case .set(let items):
            var set = gw_set_op()
            set.n = UInt32(count)
            set.op = operation
            set.items = UnsafePointer(lend(items).pointer(to: gw_item.self))
            set.item_stride = UInt32(Self.itemStride)
            set.statuses = statusMemory.pointer(to: Int32.self)
            head.place(set)
        case .delete:
            var delete = gw_del_op()
            delete.n = UInt32(count)
            delete.op = operation
            delete.keys = UnsafePointer(keys.pointer(to: gw_slice.self))
            delete.statuses = statusMemory.pointer(to: Int32.self)
            head.place(delete)
        case .flush:
            var flush = gw_flush_op()
            flush.op = operation
            flush.prefix = keys.pointer(to: gw_slice.self).pointee
            head.place(flush)
        case .ping, .start, .shutdown:
            var plain = gw_plain_op()
            plain.op = operation
            head.place(plain)
        }
        head.place(UInt32(headBytes + GuardedMemory.growth))
        inputs.append((keys, Array(keys.bytes)))
    }

    /// Lends bytes that the plugin may read.
    private mutating func lend(_ bytes: [UInt8]) -> gw_slice {
        let memory = GuardedMemory(byteCount: bytes.count, alignment: 1)
        memory.copy(bytes)
        inputs.append((memory, Array(memory.bytes)))
        return gw_slice(p: memory.bytes.baseAddress, n: UInt64(bytes.count))
    }

    /// Lends the items of a set.
    private mutating func lend(_ items: [TestedItem]) -> GuardedMemory {
        let memory = GuardedMemory(byteCount: items.count * Self.itemStride)
        for (index, item) in items.enumerated() {
            let parts = GuardedMemory(byteCount: item.parts.count * MemoryLayout<gw_slice>.stride)
            for (place, part) in item.parts.enumerated() {
                parts.place(lend(part), at: place * MemoryLayout<gw_slice>.stride)
            }
            var raw = gw_item()
            raw.key = keys.pointer(to: gw_slice.self, at: index * MemoryLayout<gw_slice>.stride).pointee
            raw.parts = UnsafePointer(parts.pointer(to: gw_slice.self))
            raw.n_parts = UInt32(item.parts.count)
            raw.ttl_ms = item.ttlMilliseconds
            memory.place(raw, at: index * Self.itemStride)
            inputs.append((parts, Array(parts.bytes)))
        }
        inputs.append((memory, Array(memory.bytes)))
        return memory
    }

    /// The operation's struct.
    func operation<Operation>() -> UnsafeMutablePointer<Operation> { head.pointer() }

    func setID(_ id: UInt64) {
        // Every operation begins with its size, another word, and the frozen gw_op.
        head.pointer(to: gw_op.self, at: 8).pointee.id = id
    }

    // MARK: Results from the plugin

    var results: [gw_result] {
        guard case .get = request else { return [] }
        return (0..<count).map { resultMemory.pointer(to: gw_result.self, at: $0 * Self.resultStride).pointee }
    }

    var statuses: [Int32] {
        switch request {
        case .get: results.map(\.status)
        case .set, .delete:
            (0..<count).map { statusMemory.pointer(to: Int32.self, at: $0 * MemoryLayout<Int32>.stride).pointee }
        case .flush, .ping, .start, .shutdown: []
        }
    }

    var removed: UInt64 {
        guard case .flush = request else { return 0 }
        return head.pointer(to: gw_flush_op.self).pointee.removed
    }

    var reason: String { error.pointer(to: gw_error.self).pointee.text }

    /// Whether nothing has been written between the results.
    var hasLeftGaps: Bool {
        (0..<count).allSatisfy {
            let end = ($0 + 1) * Self.resultStride
            return resultMemory.isBlank(end - GuardedMemory.growth..<end)
        }
    }

    /// Reports what the plugin wrote where it must not write.
    func check(_ violations: ViolationLog) {
        let hasLeftInputs = inputs.allSatisfy { $0.memory.bytes.elementsEqual($0.copy) }
        violations.expect(hasLeftInputs, .o3, "changed the keys or values of an operation")
        violations.expect(
            head.isBlank(headBytes..<head.bytes.count),
            .l1,
            "wrote beyond the end of an operation's struct"
        )
        violations.expect(hasLeftGaps, .l2, "wrote beyond a result, or did not go by result_stride")
        let statusBytes = count * MemoryLayout<Int32>.stride
        violations.expect(
            statusMemory.isBlank(statusBytes..<statusMemory.bytes.count),
            .o3,
            "wrote beyond the statuses of an operation"
        )
    }

    /// Overwrites everything, because the plugin must not use it any more. A key that it still used would be another.
    func end() {
        for memory in [head, error, resultMemory, statusMemory] { memory.end() }
        for input in inputs { input.memory.end() }
    }

    /// Whether nothing has been written since `end`.
    var isUntouched: Bool {
        [head, error, resultMemory, statusMemory].allSatisfy(\.isUntouched) && inputs.allSatisfy(\.memory.isUntouched)
    }
}

extension gw_error {
    /// The text that the plugin wrote.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix(Int(min(length, UInt32($0.count)))), as: UTF8.self) }
    }
}
