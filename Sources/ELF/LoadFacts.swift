extension ELFLibrary {
    private static let dynamic: UInt32 = 6
    /// PT_GNU_STACK, a program header whose flags are those of the stack.
    private static let stackHeader: UInt32 = 0x6474_E551
    private static let programHeader = 56

    /// What an entry of the dynamic section says.
    private enum Tag {
        static let needed: UInt64 = 1
        static let textRelocations: UInt64 = 22
        static let runPath: UInt64 = 29
        static let oldRunPath: UInt64 = 15
        static let flags: UInt64 = 30
    }

    /// Whether loading the library makes the stacks of the whole process executable.
    ///
    /// A library without a header for the stack asks for it, as old ones did.
    public var wantsExecutableStack: Bool {
        guard let offset = file.word64(at: 32), let start = Int(exactly: offset), let size = file.half(at: 54),
            Int(size) == Self.programHeader, let count = file.half(at: 56)
        else { return true }
        for index in 0..<Int(count) {
            let (place, isOverflow) = start.addingReportingOverflow(index * Self.programHeader)
            guard !isOverflow, file.word32(at: place) == Self.stackHeader else { continue }
            return (file.word32(at: place + 4) ?? 1) & 1 != 0
        }
        return true
    }

    /// The names of the libraries that it needs.
    public var neededLibraries: [String] { texts(of: Tag.needed) }

    /// The directories in which the dynamic linker looks for the needed libraries first.
    public var runPaths: [String] {
        (texts(of: Tag.runPath) + texts(of: Tag.oldRunPath)).flatMap { $0.split(separator: ":").map(String.init) }
    }

    /// Whether the dynamic linker has to change the library's code, so that processes cannot share its memory.
    public var hasTextRelocations: Bool {
        entries().contains { $0.tag == Tag.textRelocations || ($0.tag == Tag.flags && $0.value & 4 != 0) }
    }

    private func texts(of tag: UInt64) -> [String] {
        guard let section = sections.first(where: { $0.kind == Self.dynamic }),
            sections.indices.contains(section.link)
        else { return [] }
        let texts = sections[section.link].contents
        return entries().filter { $0.tag == tag }.compactMap { entry in
            guard let offset = Int(exactly: entry.value), offset < texts.count else { return nil }
            return file.text(at: texts.lowerBound + offset, within: texts)
        }
    }

    private func entries() -> [(tag: UInt64, value: UInt64)] {
        guard let section = sections.first(where: { $0.kind == Self.dynamic }) else { return [] }
        return stride(from: section.contents.lowerBound, to: section.contents.upperBound, by: 16).compactMap { place in
            guard let tag = file.word64(at: place), let value = file.word64(at: place + 8) else { return nil }
            return (tag, value)
        }
    }
}
