/// Reads which names a shared library exports from the file's bytes alone. None of its code runs.
///
/// No offset or count in the file is trusted until it has been checked against the file's size.
struct ELFSymbols {
    enum Problem: Error, Equatable {
        case notELF
        case wrongClassOrByteOrder
        case wrongMachine(UInt16)
        case notASharedObject
        case damaged(String)
    }

    static let header = 64
    private static let sectionHeader = 64
    private static let symbol = 24
    private static let dynamicSymbols: UInt32 = 11
    private static let largestTable = 1 << 26

    #if arch(x86_64)
        static let machine: UInt16 = 62
        static let architecture = "x86-64"
    #elseif arch(arm64)
        static let machine: UInt16 = 183
        static let architecture = "AArch64"
    #endif

    let bytes: UnsafeRawBufferPointer

    /// The exported functions, global and weak, in the file's order.
    func exportedFunctions() throws(Problem) -> [String] {
        try checkHeader()
        guard let tableOffset = word64(at: 40), let entrySize = half(at: 58), let count = half(at: 60),
            entrySize == Self.sectionHeader, count > 0
        else { throw .damaged("it has no section headers; do not strip them ('strip' alone keeps them)") }
        guard let table = offset(tableOffset, plus: 0, length: Int(count) * Self.sectionHeader) else {
            throw .damaged("its section headers lie outside the file; it was not copied whole")
        }
        for index in 0..<Int(count) {
            let section = table + index * Self.sectionHeader
            guard word32(at: section + 4) == Self.dynamicSymbols else { continue }
            return try names(of: section, table: tableOffset, sections: Int(count))
        }
        throw .damaged("it has no dynamic symbol table")
    }

    private func checkHeader() throws(Problem) {
        guard bytes.count >= 4, bytes[0] == 0x7F, bytes[1] == 0x45, bytes[2] == 0x4C, bytes[3] == 0x46 else {
            throw .notELF
        }
        guard bytes.count >= Self.header else { throw .damaged("it ends within its header") }
        guard bytes[4] == 2, bytes[5] == 1 else { throw .wrongClassOrByteOrder }
        guard let machine = half(at: 18), machine == Self.machine else { throw .wrongMachine(half(at: 18) ?? 0) }
        guard half(at: 16) == 3 else { throw .notASharedObject }
    }

    private func names(of section: Int, table: UInt64, sections: Int) throws(Problem) -> [String] {
        guard let link = word32(at: section + 40), link < sections,
            let strings = offset(table, plus: Int(link) * Self.sectionHeader, length: Self.sectionHeader),
            let symbolBytes = contents(of: section), let stringBytes = contents(of: strings)
        else { throw .damaged("its dynamic symbol table lies outside the file") }
        var names: [String] = []
        var position = symbolBytes.lowerBound
        while position + Self.symbol <= symbolBytes.upperBound {
            defer { position += Self.symbol }
            guard let nameOffset = word32(at: position), let sectionIndex = half(at: position + 6) else { break }
            let (binding, kind) = (bytes[position + 4] >> 4, bytes[position + 4] & 0xF)
            let visibility = bytes[position + 5] & 3
            let isExported = (binding == 1 || binding == 2) && (visibility == 0 || visibility == 3)
            guard isExported, kind == 2, sectionIndex != 0 else { continue }
            let start = stringBytes.lowerBound + Int(nameOffset)
            guard start < stringBytes.upperBound else {
                throw .damaged("a symbol's name lies outside the string table")
            }
            // A name that cannot be an entry function's is not worth allocating a string for.
            let name = bytes[start..<min(stringBytes.upperBound, start + 256)].prefix { $0 != 0 }
            if name.starts(with: EntrySymbol.prefix.utf8) { names.append(String(decoding: name, as: UTF8.self)) }
        }
        return names
    }

    private func contents(of section: Int) -> Range<Int>? {
        guard let start = word64(at: section + 24), let size = word64(at: section + 32),
            size <= Self.largestTable, let begin = offset(start, plus: 0, length: Int(size))
        else { return nil }
        return begin..<begin + Int(size)
    }

    /// The offset `base + plus`. It is nil unless `length` bytes from there are within the file.
    private func offset(_ base: UInt64, plus: Int, length: Int) -> Int? {
        guard base <= UInt64(bytes.count) else { return nil }
        let start = Int(base) + plus
        return start <= bytes.count - length ? start : nil
    }

    private func half(at index: Int) -> UInt16? { load(at: index) }
    private func word32(at index: Int) -> UInt32? { load(at: index) }
    private func word64(at index: Int) -> UInt64? { load(at: index) }

    private func load<Word: FixedWidthInteger & BitwiseCopyable>(at index: Int) -> Word? {
        guard index >= 0, index <= bytes.count - MemoryLayout<Word>.size else { return nil }
        return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: Word.self))
    }
}
