/// Text for the wire that is assembled from pieces in memory that its owner reuses. A piece costs a comparison and a
/// copy, and a warm owner allocates nothing.
///
/// `reset()` gives back the memory that one long message made it grow to.
public struct WireText: ~Copyable {
    /// It is valid for `capacity` bytes, of which the first `count` are written.
    @usableFromInline var base: UnsafeMutableRawPointer
    public private(set) var count = 0
    @usableFromInline var capacity: Int
    /// How many bytes outlive a `reset()`.
    private let kept: Int

    /// - Parameter capacity: how many bytes there is always room for.
    public init(capacity: Int) {
        kept = max(capacity, 64)
        self.capacity = kept
        base = .allocate(byteCount: kept, alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    /// Removes all bytes.
    public mutating func reset() {
        count = 0
        guard capacity > kept else { return }
        base.deallocate()
        capacity = kept
        base = .allocate(byteCount: kept, alignment: 8)
    }

    /// The written bytes, which are valid until the next change.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base, count: count))
    }

    @inlinable
    public mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// This method has a name of its own, since a literal would otherwise be a `String`.
    @inlinable
    public mutating func write(string text: String) {
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    public mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Removes the last bytes, or all where there are not so many.
    public mutating func removeLast(_ bytes: Int) { count = max(0, count - max(0, bytes)) }

    /// Writes a whole number in decimal.
    public mutating func write(decimal value: Int64) {
        reserve(20)
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = value.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        // The digits have been written in reverse order.
        var digits = UnsafeMutableRawBufferPointer(start: base + start, count: count - start)
        digits.reverse()
    }

    /// Writes a number as sixteen lower-case hexadecimal digits.
    public mutating func write(hexadecimal number: UInt64) {
        reserve(16)
        Hexadecimal.write(number, to: base + count)
        count &+= 16
    }

    private mutating func append(_ byte: UInt8) {
        (base + count).storeBytes(of: byte, as: UInt8.self)
        count &+= 1
    }

    /// Makes room for `more` bytes.
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(by: more) }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        let larger = max(count + more, capacity * 2)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }
}
