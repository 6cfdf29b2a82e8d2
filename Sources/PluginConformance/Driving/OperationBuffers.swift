import PluginAPI

/// The structs of one operation, as a host lays them out: perhaps larger than the plugin's own, with wider strides, and
/// filled with a pattern wherever the plugin must not write.
struct OperationBuffers {
    private let style: HostStyle
    private let resultStride: Int
    private let itemStride: Int
    private let request: PendingOperation.Request
    private let count: Int
    private let head: GuardedMemory
    private let headBytes: Int
    private let error: GuardedMemory
    private let keys: GuardedMemory
    private let resultMemory: GuardedMemory
    private let statusMemory: GuardedMemory
    /// The memory that the plugin may read but not change, with a copy.
    private var inputs: [(memory: GuardedMemory, copy: [UInt8])] = []

    init(_ request: PendingOperation.Request, deadline: UInt64, style: HostStyle) {
        self.request = request
        self.style = style
        resultStride = Int(GW_RESULT_SIZE_1_0) + style.growth
        itemStride = Int(GW_ITEM_SIZE_1_0) + style.growth
        let names: [String] =
            switch request {
            case .get(let keys), .delete(let keys): keys
            case .set(let items): items.map(\.key)
            case .flush(let prefix): [prefix]
            case .ping, .start, .shutdown: []
            }
        count = names.count
        headBytes =
            switch request {
            case .get: Int(GW_GET_OP_SIZE_1_0)
            case .set: Int(GW_SET_OP_SIZE_1_0)
            case .delete: Int(GW_DEL_OP_SIZE_1_0)
            case .flush: Int(GW_FLUSH_OP_SIZE_1_0)
            case .ping, .start, .shutdown: Int(GW_PLAIN_OP_SIZE_1_0)
            }
        func memory(_ byteCount: Int) -> GuardedMemory {
            GuardedMemory(byteCount: byteCount, isGuarded: style.isGuarded)
        }
        error = ErrorMemory.make(style)
        keys = memory(names.count * MemoryLayout<gw_slice>.stride)
        resultMemory = memory(names.count * resultStride)
        // Room behind the statuses shows a plugin that writes too many.
        statusMemory = memory((names.count + (style.isGuarded ? 0 : 4)) * MemoryLayout<Int32>.stride)
        head = memory(headBytes + style.growth)
        var operation = gw_op()
        operation.deadline_ns = deadline
        operation.error = style.givesErrors ? error.pointer(to: gw_error.self) : nil
        operation.flags = style.flags
        operation.reserved0 = style.reserved
        operation.reserved.0 = UInt64(style.reserved)
        for (index, name) in names.enumerated() {
            keys.place(lend(Array(name.utf8)), at: index * MemoryLayout<gw_slice>.stride)
            statusMemory.place(GW_OK, at: index * MemoryLayout<Int32>.stride)
            var blank = gw_result()
            blank.status = GW_MISS
            blank.reserved = style.reserved
            blank.reserved1 = UInt64(style.reserved)
            resultMemory.place(blank, at: index * resultStride)
        }
        switch request {
        case .get:
            var get = gw_get_op()
            get.n = UInt32(count)
            get.op = operation
            get.keys = UnsafePointer(keys.pointer(to: gw_slice.self))
            get.results = resultMemory.pointer(to: gw_result.self)
            get.result_stride = UInt32(resultStride)
            get.reserved = style.reserved
            head.place(get)
        case .set(let items):
            var set = gw_set_op()
            set.n = UInt32(count)
            set.op = operation
            set.items = UnsafePointer(lend(items).pointer(to: gw_item.self))
            set.item_stride = UInt32(itemStride)
            set.reserved = style.reserved
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
            flush.reserved = style.reserved
            flush.op = operation
            flush.prefix = keys.pointer(to: gw_slice.self).pointee
            head.place(flush)
        case .ping, .start, .shutdown:
            var plain = gw_plain_op()
            plain.reserved = style.reserved
            plain.op = operation
            head.place(plain)
        }
        head.place(UInt32(headBytes + style.growth))
        inputs.append((keys, Array(keys.bytes)))
    }

    /// Lends bytes that the plugin may read.
    private mutating func lend(_ bytes: [UInt8]) -> gw_slice {
        if bytes.isEmpty, style.emptyIsNull { return gw_slice() }
        let memory = GuardedMemory(byteCount: bytes.count, alignment: 1, isGuarded: style.isGuarded)
        memory.copy(bytes)
        inputs.append((memory, Array(memory.bytes)))
        return gw_slice(p: memory.bytes.baseAddress, n: UInt64(bytes.count))
    }

    /// Lends the items of a set.
    private mutating func lend(_ items: [TestedItem]) -> GuardedMemory {
        let memory = GuardedMemory(byteCount: items.count * itemStride, isGuarded: style.isGuarded)
        for (index, item) in items.enumerated() {
            let parts = GuardedMemory(
                byteCount: item.parts.count * MemoryLayout<gw_slice>.stride,
                isGuarded: style.isGuarded
            )
            for (place, part) in item.parts.enumerated() {
                parts.place(lend(part), at: place * MemoryLayout<gw_slice>.stride)
            }
            var raw = gw_item()
            raw.key = keys.pointer(to: gw_slice.self, at: index * MemoryLayout<gw_slice>.stride).pointee
            raw.parts = item.parts.isEmpty && style.emptyIsNull ? nil : UnsafePointer(parts.pointer(to: gw_slice.self))
            raw.flags = style.flags
            raw.reserved = style.reserved
            raw.n_parts = UInt32(item.parts.count)
            raw.ttl_ms = item.ttlMilliseconds
            memory.place(raw, at: index * itemStride)
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
        return (0..<count).map { resultMemory.pointer(to: gw_result.self, at: $0 * resultStride).pointee }
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

    /// Reports what is wrong with the reason of a failure.
    func checkError(_ violations: ViolationLog) {
        ErrorMemory.check(error.pointer(to: gw_error.self).pointee, violations)
    }

    var reason: String { error.pointer(to: gw_error.self).pointee.text }

    /// Whether nothing has been written between the results.
    var hasLeftGaps: Bool {
        (0..<count).allSatisfy {
            let end = ($0 + 1) * resultStride
            return resultMemory.isBlank(end - style.growth..<end)
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

    /// Gives all memory back.
    func free() {
        for memory in [head, error, resultMemory, statusMemory] { memory.free() }
        for input in inputs { input.memory.free() }
    }

    /// Whether nothing has been written since `end`.
    var isUntouched: Bool {
        [head, error, resultMemory, statusMemory].allSatisfy(\.isUntouched) && inputs.allSatisfy(\.memory.isUntouched)
    }
}
