import Glibc

/// Memory of the host that a plugin is given. It is filled with a pattern wherever the plugin must not write.
///
/// It is never freed, because a defective plugin that reads it too late must not crash the tests. Where it is guarded,
/// it ends at a page that cannot be read, and cannot be read itself after `end`: then such a plugin does crash, in a
/// process of its own.
///
/// It is unchecked because only the plugin writes to it until an operation has ended, and one thread reads it
/// afterwards.
struct GuardedMemory: @unchecked Sendable {
    private static let blank: UInt8 = 0xA5
    private static let ended: UInt8 = 0x58
    private static let page = 4096

    private let base: UnsafeMutableRawPointer
    private let byteCount: Int
    /// The pages that are taken away at the end. It is nil where the memory is not guarded.
    private let pages: (start: UnsafeMutableRawPointer, count: Int)?

    init(byteCount: Int, alignment: Int = 16, isGuarded: Bool = false) {
        self.byteCount = max(1, byteCount)
        if isGuarded, let pages = Self.guarded(self.byteCount) {
            self.pages = pages
            base = pages.start + (pages.count - self.byteCount)
        } else {
            pages = nil
            base = .allocate(byteCount: self.byteCount, alignment: alignment)
        }
        base.initializeMemory(as: UInt8.self, repeating: Self.blank, count: self.byteCount)
    }

    /// Maps whole pages with a page behind them that cannot be read.
    private static func guarded(_ byteCount: Int) -> (start: UnsafeMutableRawPointer, count: Int)? {
        let count = (byteCount + page - 1) / page * page
        let memory = mmap(nil, count + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED, mprotect(memory + count, page, PROT_NONE) == 0 else { return nil }
        return (memory, count)
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

    /// Overwrites everything, or takes it away, so that later use by the plugin is detected.
    func end() {
        if let pages {
            mprotect(pages.start, pages.count, PROT_NONE)
        } else {
            base.initializeMemory(as: UInt8.self, repeating: Self.ended, count: byteCount)
        }
    }

    /// Gives the memory back, which the plugin may then not even read by mistake.
    func free() {
        if let pages { munmap(pages.start, pages.count + Self.page) } else { base.deallocate() }
    }

    /// Whether nothing has been written to it since `end`.
    var isUntouched: Bool { pages != nil || bytes.allSatisfy { $0 == Self.ended } }

    /// A copy of a text, as a C string.
    static func text(_ text: String) -> UnsafePointer<CChar>? { UnsafePointer(strdup(text)) }
}
