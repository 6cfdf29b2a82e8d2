import Deadlines
import NIOCore
import PluginAPI

/// Who waits for an operation block.
protocol BlockOwner: AnyObject {
    /// The block's operation has ended, in time. nil: it succeeded and its items can be read.
    /// - Returns: whether the owner keeps the block, to read it, and gives it back itself.
    func settled(_ block: OperationBlock, failure: PluginFailure?) -> Bool
    /// The block's deadline has passed. It belongs to nobody now.
    func gaveUp(_ block: OperationBlock, failure: PluginFailure)
}

/// The memory of one operation as the plugin sees it (rule O-3): it does not move, and is used again only
/// once the plugin is done with it, however long ago the reader stopped waiting. Bound to its event loop.
final class OperationBlock: Expiring {
    enum Kind {
        case get, set, delete, ping, flush
    }

    let slot: Int
    unowned let port: PluginPort
    private(set) var generation: UInt32 = 0
    private(set) var id = OperationID(rawValue: 0)
    var kind = Kind.ping
    /// The first of the owner's items that this block carries.
    var firstItem = 0
    /// nil: nobody waits any more.
    var owner: (any BlockOwner)?
    var deadline: Deadlines.Token?
    var isProbe = false
    /// Whether the plugin owes a completion.
    var isPending = false
    /// Whether its deadline has passed and how it ended is still to be judged.
    var isExpired = false
    /// Whether its results can be read and hold leases.
    var hasResults = false
    private(set) var count = 0

    let error: UnsafeMutablePointer<gw_error>
    private let operation: UnsafeMutableRawPointer
    private(set) var keys = Region<gw_slice>()
    private(set) var results = Region<gw_result>()
    private(set) var items = Region<gw_item>()
    private(set) var parts = Region<gw_slice>()
    private(set) var statuses = Region<Int32>()
    private var keyBytes = Region<UInt8>()
    private var keyBytesUsed = 0
    private var partsUsed = 0
    private var lentBuffers: [Unmanaged<AnyObject>] = []

    static let longestKey = 512
    private static let operationBytes = 128

    init(port: PluginPort, slot: Int) {
        self.port = port
        self.slot = slot
        error = .allocate(capacity: 1)
        error.initialize(to: gw_error())
        error.pointee.struct_size = UInt32(MemoryLayout<gw_error>.size)
        operation = .allocate(byteCount: Self.operationBytes, alignment: 16)
    }

    deinit {
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

    /// Makes ready for another use.
    func begin(_ kind: Kind, count: Int, parts partCount: Int = 0, queue: CompletionQueue) {
        generation = generation == .max ? 1 : generation + 1
        id = OperationID(generation: generation, port: queue.index, slot: slot)
        self.kind = kind
        self.count = count
        isProbe = false
        hasResults = false
        keyBytesUsed = 0
        partsUsed = 0
        error.pointee.code = GW_OK
        error.pointee.length = 0
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
        queue.open(slot: slot, generation: generation)
    }

    /// Copies the key of an item into the block.
    func setKey(_ index: Int, _ key: UnsafeRawBufferPointer) {
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
    /// Sound because the buffers' storage is retained until the operation has ended: it is not freed, and since it is
    /// then never uniquely referenced, whoever writes to such a `ByteBuffer` meanwhile writes to a copy.
    func setItem(_ index: Int, value: [ByteBuffer], timeToLiveMilliseconds: UInt64, onlyIfAbsent: Bool) {
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
        item.flags = onlyIfAbsent ? UInt32(GW_IF_ABSENT) : 0
        item.ttl_ms = timeToLiveMilliseconds
        items.base[index] = item
    }

    func returnBuffers() {
        for buffer in lentBuffers { buffer.release() }
        lentBuffers.removeAll(keepingCapacity: true)
    }

    /// What the plugin says about a failure, if anything.
    var errorText: String? { error.pointee.text }

    /// Reads what a flush has removed.
    var removed: UInt64 { operation.assumingMemoryBound(to: gw_flush_op.self).pointee.removed }

    func deadlinePassed(reason: UInt32) {
        guard reason == generation else { return }
        port.expired(self)
    }

    // MARK: The structs the plugin is given

    func getOperation(deadline: UInt64) -> UnsafeMutablePointer<gw_get_op> {
        let pointer = operation.bindMemory(to: gw_get_op.self, capacity: 1)
        pointer.initialize(
            to: gw_get_op(
                struct_size: size(gw_get_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head(deadline),
                keys: keys.base,
                results: results.base,
                result_stride: UInt32(MemoryLayout<gw_result>.stride),
                reserved: 0
            )
        )
        return pointer
    }

    func setOperation(deadline: UInt64) -> UnsafeMutablePointer<gw_set_op> {
        let pointer = operation.bindMemory(to: gw_set_op.self, capacity: 1)
        pointer.initialize(
            to: gw_set_op(
                struct_size: size(gw_set_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head(deadline),
                items: items.base,
                statuses: statuses.base,
                item_stride: UInt32(MemoryLayout<gw_item>.stride),
                reserved: 0
            )
        )
        return pointer
    }

    func deleteOperation(deadline: UInt64) -> UnsafeMutablePointer<gw_del_op> {
        let pointer = operation.bindMemory(to: gw_del_op.self, capacity: 1)
        pointer.initialize(
            to: gw_del_op(
                struct_size: size(gw_del_op.self),
                n: UInt32(truncatingIfNeeded: count),
                op: head(deadline),
                keys: keys.base,
                statuses: statuses.base
            )
        )
        return pointer
    }

    func flushOperation(deadline: UInt64) -> UnsafeMutablePointer<gw_flush_op> {
        let pointer = operation.bindMemory(to: gw_flush_op.self, capacity: 1)
        pointer.initialize(
            to: gw_flush_op(
                struct_size: size(gw_flush_op.self),
                reserved: 0,
                op: head(deadline),
                prefix: keys.base[0],
                removed: 0
            )
        )
        return pointer
    }

    func plainOperation(deadline: UInt64) -> UnsafeMutablePointer<gw_plain_op> {
        let pointer = operation.bindMemory(to: gw_plain_op.self, capacity: 1)
        pointer.initialize(to: gw_plain_op(struct_size: size(gw_plain_op.self), reserved: 0, op: head(deadline)))
        return pointer
    }

    private func head(_ deadline: UInt64) -> gw_op {
        var head = gw_op()
        head.id = id.rawValue
        head.deadline_ns = deadline
        head.error = error
        return head
    }

    private func size<Struct>(_: Struct.Type) -> UInt32 {
        UInt32(MemoryLayout<Struct>.size)
    }
}

/// Manually allocated memory that grows between uses and never moves during one.
struct Region<Element: BitwiseCopyable> {
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
