/// Reads from a shared library's bytes alone what it exports and needs. None of its code runs.
public struct ELFLibrary {
    /// Why a file is not a shared library that this machine could load.
    public enum Problem: Error, Equatable {
        case notELF
        case wrongClassOrByteOrder
        case wrongMachine(UInt16)
        case notASharedObject
        case damaged(String)
    }

    /// A section of the file.
    struct Section {
        let name: String
        let kind: UInt32
        let contents: Range<Int>
        /// The number of the section that this one refers to.
        let link: Int
    }

    #if arch(x86_64)
        static let machine: UInt16 = 62
        /// The name of the processors that this program is built for.
        public static let architecture = "x86-64"
    #elseif arch(arm64)
        static let machine: UInt16 = 183
        /// The name of the processors that this program is built for.
        public static let architecture = "AArch64"
    #endif

    private static let header = 64
    private static let sectionHeader = 64
    private static let largestTable = 1 << 26
    /// SHT_NOBITS: a section that takes no room in the file.
    private static let withoutContents: UInt32 = 8

    let file: ELFBytes
    let sections: [Section]

    /// - Parameter bytes: the whole file, which must stay valid as long as this value is used.
    public init(bytes: UnsafeRawBufferPointer) throws(Problem) {
        file = ELFBytes(bytes: bytes)
        try Self.checkHeader(file)
        sections = try Self.sections(file)
    }

    private static func checkHeader(_ file: ELFBytes) throws(Problem) {
        guard file.word32(at: 0) == 0x464C_457F else { throw .notELF }
        guard file.count >= header else { throw .damaged("it ends within its header") }
        guard file.byte(at: 4) == 2, file.byte(at: 5) == 1 else { throw .wrongClassOrByteOrder }
        guard let machine = file.half(at: 18), machine == Self.machine else {
            throw .wrongMachine(file.half(at: 18) ?? 0)
        }
        guard file.half(at: 16) == 3 else { throw .notASharedObject }
    }

    private static func sections(_ file: ELFBytes) throws(Problem) -> [Section] {
        guard let tableOffset = file.word64(at: 40), let entrySize = file.half(at: 58), let count = file.half(at: 60),
            let nameIndex = file.half(at: 62), entrySize == sectionHeader, count > 0
        else { throw .damaged("it has no section headers; do not strip them ('strip' alone keeps them)") }
        guard let table = file.range(offset: tableOffset, length: UInt64(count) * UInt64(sectionHeader)) else {
            throw .damaged("its section headers lie outside the file; it was not copied whole")
        }
        func contents(_ index: Int) -> Range<Int>? {
            let start = table.lowerBound + index * sectionHeader
            guard let size = file.word64(at: start + 32), size <= largestTable else { return nil }
            return file.range(offset: file.word64(at: start + 24), length: size)
        }
        let names = nameIndex < count ? contents(Int(nameIndex)) : nil
        return (0..<Int(count)).map { index in
            let start = table.lowerBound + index * sectionHeader
            let kind = file.word32(at: start + 4) ?? 0
            let name = names.flatMap { names in
                file.word32(at: start).flatMap { file.text(at: names.lowerBound + Int($0), within: names) }
            }
            return Section(
                name: name ?? "",
                kind: kind,
                contents: kind == withoutContents ? 0..<0 : contents(index) ?? 0..<0,
                link: Int(file.word32(at: start + 40) ?? 0)
            )
        }
    }
}
