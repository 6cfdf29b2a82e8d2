/// The bytes of an ELF file. No offset or count in the file is trusted until it has been checked against its size.
struct ELFBytes {
    let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count }

    func byte(at index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }
    func half(at index: Int) -> UInt16? { load(at: index) }
    func word32(at index: Int) -> UInt32? { load(at: index) }
    func word64(at index: Int) -> UInt64? { load(at: index) }

    /// The range of `length` bytes from `offset` on. It is nil unless all of it is within the file.
    func range(offset: UInt64?, length: UInt64?) -> Range<Int>? {
        guard let offset, let length, let start = Int(exactly: offset), let size = Int(exactly: length),
            start <= bytes.count, size <= bytes.count - start
        else { return nil }
        return start..<start + size
    }

    /// The text from an index on, up to a NUL or the end of the range, of 255 bytes at most.
    func text(at index: Int, within range: Range<Int>) -> String? {
        guard range.contains(index) else { return nil }
        let text = bytes[index..<min(range.upperBound, index + 256)].prefix { $0 != 0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// The texts of a range that are separated by NUL bytes, of 255 bytes at most each.
    func texts(in range: Range<Int>) -> [String] {
        bytes[range].split(separator: 0).map { String(decoding: $0.prefix(255), as: UTF8.self) }
    }

    private func load<Word: FixedWidthInteger & BitwiseCopyable>(at index: Int) -> Word? {
        guard index >= 0, index <= bytes.count - MemoryLayout<Word>.size else { return nil }
        return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: Word.self))
    }
}
