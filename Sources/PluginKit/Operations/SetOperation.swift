public import PluginAPI

/// Stores items, replacing what is there. Each has its own status, `.ok` unless set otherwise.
///
/// It is unchecked because it points to memory of the host that belongs to this operation alone (rule O-3).
public struct SetOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_set_op>
    /// The host that started the operation.
    public let host: Host

    /// The struct with which the operation begins.
    public var head: gw_op { raw.pointee.op }

    /// How many items there are.
    public var count: Int { Int(raw.pointee.n) }

    /// The item at an index. It is nil where there is none.
    public func item(_ index: Int) -> SetItem? {
        guard index >= 0, index < count, let items = raw.pointee.items else { return nil }
        // Rule L-2: use the stride that came with the array, never our own sizeof.
        let item = UnsafeRawPointer(items) + index * Int(raw.pointee.item_stride)
        return SetItem(raw: item.assumingMemoryBound(to: gw_item.self))
    }

    /// Reports that one item was not stored.
    public func set(_ index: Int, _ status: Status) {
        guard index >= 0, index < count else { return }
        raw.pointee.statuses?[index] = status.rawValue
    }
}

/// One item of a `SetOperation`. Its value is the concatenation of its parts.
public struct SetItem {
    let raw: UnsafePointer<gw_item>

    /// The key, of 1 to 512 bytes.
    public var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(raw.pointee.key) }

    /// The time to live, where 0 means that the item is kept for as long as there is room.
    public var ttlMilliseconds: UInt64 { raw.pointee.ttl_ms }

    /// How many parts the value has.
    public var partCount: Int { raw.pointee.parts == nil ? 0 : Int(raw.pointee.n_parts) }

    /// The part at an index below `partCount`.
    public func part(_ index: Int) -> UnsafeRawBufferPointer {
        guard index >= 0, index < partCount, let parts = raw.pointee.parts else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(parts[index])
    }

    /// The bytes of all parts. It is nil where there are more than can be addressed.
    public var valueCount: Int? {
        var total = 0
        for index in 0..<partCount {
            let (sum, overflow) = total.addingReportingOverflow(part(index).count)
            if overflow { return nil }
            total = sum
        }
        return total
    }

    /// Copies the value to `target`, which must have room for `valueCount` bytes.
    public func copyValue(to target: UnsafeMutableRawPointer) {
        var offset = 0
        for index in 0..<partCount {
            let part = part(index)
            guard let start = part.baseAddress, part.count > 0 else { continue }
            (target + offset).copyMemory(from: start, byteCount: part.count)
            offset += part.count
        }
    }
}
