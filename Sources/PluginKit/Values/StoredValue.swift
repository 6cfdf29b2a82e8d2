/// The bytes of a value, in memory that stays as it is while a reference to the object is left. A plugin that keeps
/// values in memory stores such objects, and lends them to the host with `ValueLeases`.
///
/// It is unchecked because the bytes are never written again after `init`.
public final class StoredValue: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer

    /// The bytes, which are valid for as long as the object is.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    /// Copies the value of an item. It is nil where the item has more bytes than can be addressed.
    public init?(_ item: SetItem) {
        guard let count = item.valueCount else { return nil }
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        if let start = memory.baseAddress { item.copyValue(to: start) }
    }

    deinit { memory.deallocate() }
}
