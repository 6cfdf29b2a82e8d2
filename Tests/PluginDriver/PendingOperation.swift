import Dispatch
import Glibc
import PluginAPI

/// An operation in memory of the test's, and what becomes of it.
///
/// Unchecked, because the plugin alone writes to the memory until it completes the operation, and the test reads it
/// afterwards.
package final class PendingOperation: @unchecked Sendable {
    enum Kind { case get, set, delete, flush, plain }

    package struct Outcome: Equatable, Sendable {
        package var status: Int32
        /// Of each item; nil: no hit.
        package var values: [String?] = []
        package var statuses: [Int32] = []
        package var leases: [UInt64] = []
        package var removed: UInt64 = 0
        package var reason = ""
    }

    var id: UInt64 = 0
    private let kind: Kind
    private let count: Int
    private let ttl: UInt64
    private let ifAbsent: Bool
    private let deadline: UInt64
    private let keys: UnsafeMutablePointer<gw_slice>
    private let value: UnsafeMutablePointer<gw_slice>
    private let item = UnsafeMutablePointer<gw_item>.allocate(capacity: 1)
    private let results: UnsafeMutablePointer<gw_result>
    private let statuses: UnsafeMutablePointer<Int32>
    private let error = UnsafeMutablePointer<gw_error>.allocate(capacity: 1)
    private let operation = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)
    private let ended = DispatchSemaphore(value: 0)
    private var outcome: Outcome?

    init(
        _ kind: Kind,
        _ keys: [String],
        value: String = "",
        ttl: UInt64 = 0,
        ifAbsent: Bool = false,
        within seconds: Double? = nil
    ) {
        self.kind = kind
        deadline = seconds.map { PluginDriver.now + UInt64($0 * 1e9) } ?? 0
        self.ttl = ttl
        self.ifAbsent = ifAbsent
        count = keys.count
        self.keys = .allocate(capacity: max(1, count))
        for (index, key) in keys.enumerated() { (self.keys + index).initialize(to: Self.slice(key)) }
        self.value = .allocate(capacity: 2)
        // In two parts, as entries come.
        (self.value).initialize(to: Self.slice(String(value.prefix(1))))
        (self.value + 1).initialize(to: Self.slice(String(value.dropFirst())))
        results = .allocate(capacity: max(1, count))
        results.initialize(repeating: gw_result(), count: max(1, count))
        for index in 0..<count { results[index].status = GW_MISS }
        statuses = .allocate(capacity: max(1, count))
        statuses.initialize(repeating: GW_OK, count: max(1, count))
        error.initialize(to: gw_error())
        error.pointee.struct_size = UInt32(MemoryLayout<gw_error>.size)
    }

    /// What became of it; nil: nothing within ten seconds.
    package func wait(seconds: Double = 10) -> Outcome? {
        guard ended.wait(timeout: .now() + seconds) == .success else { return nil }
        ended.signal()
        return outcome
    }

    /// The one value that was looked up.
    package func found() -> String? { wait()?.values.first ?? nil }

    func end(_ status: Int32) {
        var outcome = Outcome(status: status)
        if status == GW_OK {
            for index in 0..<count where kind == .get {
                let result = results[index]
                outcome.statuses.append(result.status)
                outcome.leases += result.lease == 0 ? [] : [result.lease]
                let bytes = UnsafeRawBufferPointer(start: result.value.p, count: Int(result.value.n))
                outcome.values.append(result.status == GW_OK ? String(decoding: bytes, as: UTF8.self) : nil)
            }
            if kind == .set || kind == .delete { outcome.statuses = (0..<count).map { statuses[$0] } }
            if kind == .flush { outcome.removed = operation.assumingMemoryBound(to: gw_flush_op.self).pointee.removed }
        } else {
            outcome.reason = Self.text(error)
        }
        self.outcome = outcome
        // The plugin must not read the memory any more: a key that it still used would be another.
        for index in 0..<count { memset(UnsafeMutableRawPointer(mutating: keys[index].p), 0x58, Int(keys[index].n)) }
        ended.signal()
    }

    // MARK: The structs

    func withGet(_ body: (UnsafeMutablePointer<gw_get_op>) -> Int32) -> Int32 {
        var get = gw_get_op()
        get.struct_size = UInt32(MemoryLayout<gw_get_op>.size)
        get.n = UInt32(count)
        get.op = head
        get.keys = UnsafePointer(keys)
        get.results = results
        get.result_stride = UInt32(MemoryLayout<gw_result>.stride)
        return body(place(get))
    }

    func withSet(_ body: (UnsafeMutablePointer<gw_set_op>) -> Int32) -> Int32 {
        item.initialize(to: gw_item())
        item.pointee.key = keys[0]
        item.pointee.parts = UnsafePointer(value)
        item.pointee.n_parts = 2
        item.pointee.flags = ifAbsent ? GW_IF_ABSENT : 0
        item.pointee.ttl_ms = ttl
        var set = gw_set_op()
        set.struct_size = UInt32(MemoryLayout<gw_set_op>.size)
        set.n = 1
        set.op = head
        set.items = UnsafePointer(item)
        set.statuses = statuses
        set.item_stride = UInt32(MemoryLayout<gw_item>.stride)
        return body(place(set))
    }

    func withDelete(_ body: (UnsafeMutablePointer<gw_del_op>) -> Int32) -> Int32 {
        var delete = gw_del_op()
        delete.struct_size = UInt32(MemoryLayout<gw_del_op>.size)
        delete.n = UInt32(count)
        delete.op = head
        delete.keys = UnsafePointer(keys)
        delete.statuses = statuses
        return body(place(delete))
    }

    func withFlush(_ body: (UnsafeMutablePointer<gw_flush_op>) -> Int32) -> Int32 {
        var flush = gw_flush_op()
        flush.struct_size = UInt32(MemoryLayout<gw_flush_op>.size)
        flush.op = head
        flush.prefix = keys[0]
        return body(place(flush))
    }

    func withPlain(_ body: (UnsafeMutablePointer<gw_plain_op>) -> Int32) -> Int32 {
        var plain = gw_plain_op()
        plain.struct_size = UInt32(MemoryLayout<gw_plain_op>.size)
        plain.op = head
        return body(place(plain))
    }

    private var head: gw_op {
        var head = gw_op()
        head.id = id
        head.error = error
        head.deadline_ns = deadline
        return head
    }

    private func place<Operation>(_ value: Operation) -> UnsafeMutablePointer<Operation> {
        let pointer = operation.bindMemory(to: Operation.self, capacity: 1)
        pointer.initialize(to: value)
        return pointer
    }

    static func text(_ error: UnsafePointer<gw_error>) -> String {
        withUnsafeBytes(of: error.pointee.message) {
            String(decoding: $0.prefix(Int(error.pointee.length)), as: UTF8.self)
        }
    }

    /// Lives until the process ends: what a defective plugin reads too late must not crash the tests.
    private static func slice(_ text: String) -> gw_slice {
        gw_slice(p: UnsafeRawPointer(strdup(text)), n: UInt64(text.utf8.count))
    }
}
