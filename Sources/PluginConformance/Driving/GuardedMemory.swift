import Glibc

/// Memory of the host that a plugin is given. It is larger than the plugin's own structs, like the memory of a later
/// minor version (rules L-1, L-2), and filled with a pattern wherever the plugin must not write.
///
/// It is never freed, because a defective plugin that reads it too late must not crash the tests.
///
/// It is unchecked because only the plugin writes to it until an operation has ended, and one thread reads it
/// afterwards.
struct GuardedMemory: @unchecked Sendable {
    /// How many bytes longer the structs of the later version are.
    static let growth = 64

    private static let blank: UInt8 = 0xA5
    private static let ended: UInt8 = 0x58

    private let base: UnsafeMutableRawPointer
    private let byteCount: Int

    init(byteCount: Int, alignment: Int = 16) {
        self.byteCount = max(1, byteCount)
        base = .allocate(byteCount: self.byteCount, alignment: alignment)
        base.initializeMemory(as: UInt8.self, repeating: Self.blank, count: self.byteCount)
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: byteCount) }

    /// Writes a value at an offset.
    @discardableResult
    func place<Value: BitwiseCopyable>(_ value: Value, at offset: Int = 0) -> UnsafeMutablePointer<Value> {
        base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
        return pointer(at: offset)
    }

    /// Writes bytes at the beginning.
    func copy(_ bytes: [UInt8]) {
        UnsafeMutableRawBufferPointer(start: base, count: byteCount).copyBytes(from: bytes)
    }

    func pointer<Value>(to type: Value.Type = Value.self, at offset: Int = 0) -> UnsafeMutablePointer<Value> {
        base.advanced(by: offset).assumingMemoryBound(to: type)
    }

    /// Whether nothing has been written to a range.
    func isBlank(_ range: Range<Int>) -> Bool { bytes[range].allSatisfy { $0 == Self.blank } }

    /// Overwrites everything, so that later use by the plugin is detected.
    func end() { base.initializeMemory(as: UInt8.self, repeating: Self.ended, count: byteCount) }

    /// Whether nothing has been written to it since `end`.
    var isUntouched: Bool { bytes.allSatisfy { $0 == Self.ended } }

    /// A copy of a text, as a C string.
    static func text(_ text: String) -> UnsafePointer<CChar>? { UnsafePointer(strdup(text)) }
}
