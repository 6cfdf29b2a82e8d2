import NIOCore
import PluginAPI

/// The memory of one operation as the plugin sees it (rule O-3). It does not move while an operation uses it, and it
/// grows between operations. Its owner must `free` it.
struct OperationMemory {
    /// The kind of operation.
    enum Kind {
        case get, set, delete, ping, flush
    }

    /// The longest key that the interface allows, in bytes.
    static let longestKey = 512
    /// The size in bytes of the largest operation struct, rounded up.
    private static let operationBytes = 128

    private(set) var kind = Kind.ping
    /// Whether a get is an inquiry, whose keys are the names of reports.
    var isInquiry = false
    /// How many items the operation has.
    private(set) var count = 0
    private let error: UnsafeMutablePointer<gw_error>
    private let operation: UnsafeMutableRawPointer
    private var keys = Region<gw_slice>()
    private var results = Region<gw_result>()
    private var items = Region<gw_item>()
    private var parts = Region<gw_slice>()
    private var statuses = Region<Int32>()
    private var keyBytes = Region<UInt8>()
    private var keyBytesUsed = 0
    private var partsUsed = 0
    private var lentBuffers: [Unmanaged<AnyObject>] = []

    init() {
        error = .allocate(capacity: 1)
        error.initialize(to: .empty)
        operation = .allocate(byteCount: Self.operationBytes, alignment: 16)
    }

    mutating func free() {
        returnBuffers()
        error.deallocate()
        operation.deallocate()
        keys.free()
        results.free()
        items.free()
        parts.free()
        statuses.free()
        keyBytes.free()
    }

    // MARK: Filling it in

    /// Makes room for an operation.
    /// - Parameter partCount: the greatest number of parts that the values of all items have together.
    mutating func begin(_ kind: Kind, count: Int, parts partCount: Int = 0) {
        self.kind = kind
        self.count = count
        isInquiry = false
        keyBytesUsed = 0
        partsUsed = 0
        error.pointee.clear()
        keyBytes.reserve(max(1, count) * Self.longestKey)
        keys.reserve(count)
        switch kind {
        case .get: results.reserve(count)
        case .set:
            items.reserve(count)
            parts.reserve(partCount)
            statuses.reserve(count)
        case .delete: statuses.reserve(count)
        case .ping, .flush: break
        }
    }

    /// Copies the key of an item, and sets the outcome that the item has unless the plugin writes another. Items are
    /// filled in one after another.
    mutating func setKey(_ index: Int, _ key: UnsafeRawBufferPointer) {
        let length = min(key.count, Self.longestKey)
        let place = UnsafeMutableRawPointer(keyBytes.base + keyBytesUsed)
        if let source = key.baseAddress { place.copyMemory(from: source, byteCount: length) }
        keyBytesUsed += length
        keys.base[index] = gw_slice(p: UnsafeRawPointer(place), n: UInt64(length))
        switch kind {
        case .get:
            results.base[index] = gw_result()
            results.base[index].status = GW_MISS
        case .set, .delete: statuses.base[index] = GW_OK
        case .ping, .flush: break
        }
    }

    /// Lends the plugin a value without copying it.
    ///
    /// This is sound because the buffers' storage is retained until the operation has ended: it is not freed, and since
    /// it is then never uniquely referenced, writing to such a `ByteBuffer` meanwhile writes to a copy.
    mutating func setItem(_ index: Int, value: [ByteBuffer], timeToLiveMilliseconds: UInt64) {
        let first = parts.base + partsUsed
        var used = 0
        for buffer in value where buffer.readableBytes > 0 {
            buffer.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
                lentBuffers.append(storage.retain())
                first[used] = gw_slice(p: bytes.baseAddress, n: UInt64(bytes.count))
            }
            used += 1
        }
        partsUsed += used
        var item = gw_item()
        item.key = keys.base[index]
        item.parts = UnsafePointer(first)
        item.n_parts = UInt32(truncatingIfNeeded: used)
        item.ttl_ms = timeToLiveMilliseconds
        items.base[index] = item
    }

    /// Releases the values that were lent, once the operation has ended.
    mutating func returnBuffers() {
        for buffer in lentBuffers { buffer.release() }
        lentBuffers.removeAll(keepingCapacity: true)
    }

    // MARK: Reading what the plugin wrote

    /// The plugin's description of a failure, if there is one.
    var errorText: String? { error.pointee.text }

    /// When the plugin says that trying again may succeed, in nanoseconds from now. It is 0 where it does not say.
    var retryAfterNanoseconds: UInt64 { error.pointee.retryAfterNanoseconds }

    /// How many entries a flush has removed.
    var removed: UInt64 { operation.assumingMemoryBound(to: gw_flush_op.self).pointee.removed }

    /// The result of a look-up for an item.
    func result(at index: Int) -> gw_result { results.base[index] }

    /// The status of a set or delete for an item.
    func status(at index: Int) -> Int32 { statuses.base[index] }

    /// Appends the leases that a look-up's results hold.
    func appendLeases(to leases: inout [UInt64]) {
        for index in 0..<count where results.base[index].lease != 0 { leases.append(results.base[index].lease) }
    }

    /// The failure of the last item if every item failed, so that the backend answered for none.
    var failureOfEveryItem: OperationFailure? {
        var last: OperationFailure?
        for index in 0..<count {
            let status: Int32
            switch kind {
            case .get: status = results.base[index].status
            case .set, .delete: status = statuses.base[index]
            case .ping, .flush: return nil
            }
            if status >= GW_OK { return nil }
            last = OperationFailure(status: status)
        }
        return last
    }

    // MARK: The structs for the plugin

    /// Fills in the operation's struct.
    /// - Parameters:
    ///   - id: the id that the completion has.
    ///   - deadline: the deadline in nanoseconds of the monotonic clock, or 0 for none.
    func call(id: OperationID, deadline: UInt64) -> PluginCall.Operation {
        var head = gw_op()
        head.id = id.rawValue
        head.deadline_ns = deadline
        head.error = error
        switch kind {
        case .get: return isInquiry ? .inquire(getOperation(head)) : .get(getOperation(head))
        case .set: return .set(setOperation(head))
        case .delete: return .delete(deleteOperation(head))
        case .ping:
            return .ping(place(gw_plain_op(struct_size: size(gw_plain_op.self), reserved: 0, op: head)))
        case .flush:
            return .flush(
                place(
                    gw_flush_op(
                        struct_size: size(gw_flush_op.self),
                        reserved: 0,
                        op: head,
                        prefix: keys.base[0],
                        removed: 0
                    )
                )
            )
        }
    }

    private func getOperation(_ head: gw_op) -> UnsafeMutablePointer<gw_get_op> {
        place(
            gw_get_op(
                struct_size: size(gw_get_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head,
                keys: keys.base,
                results: results.base,
                result_stride: UInt32(MemoryLayout<gw_result>.stride),
                reserved: 0
            )
        )
    }

    private func setOperation(_ head: gw_op) -> UnsafeMutablePointer<gw_set_op> {
        place(
            gw_set_op(
                struct_size: size(gw_set_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head,
                items: items.base,
                statuses: statuses.base,
                item_stride: UInt32(MemoryLayout<gw_item>.stride),
                reserved: 0
            )
        )
    }

    private func deleteOperation(_ head: gw_op) -> UnsafeMutablePointer<gw_del_op> {
        place(
            gw_del_op(
                struct_size: size(gw_del_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head,
                keys: keys.base,
                statuses: statuses.base
            )
        )
    }

    private func place<Operation: BitwiseCopyable>(_ value: Operation) -> UnsafeMutablePointer<Operation> {
        let pointer = operation.bindMemory(to: Operation.self, capacity: 1)
        pointer.initialize(to: value)
        return pointer
    }

    private func size<Struct>(_: Struct.Type) -> UInt32 {
        UInt32(MemoryLayout<Struct>.size)
    }
}

/// Manually allocated memory that grows between uses and never moves during one.
private struct Region<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element> = .allocate(capacity: 1)
    private var capacity = 1

    mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        base.deallocate()
        base = .allocate(capacity: count)
        capacity = count
    }

    func free() {
        base.deallocate()
    }
}
