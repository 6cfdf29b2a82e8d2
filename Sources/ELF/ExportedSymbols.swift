extension ELFLibrary {
    private static let symbol = 24
    private static let dynamicSymbols: UInt32 = 11

    /// A name that the dynamic linker can find in the library, or that the library wants it to find in others.
    struct DynamicSymbol {
        let name: String
        let isDefined: Bool
        /// Whether it is a function that can be called.
        let isFunction: Bool
    }

    /// The functions that the library exports, in the file's order.
    public func exportedFunctions() throws(Problem) -> [String] {
        try symbols().filter { $0.isDefined && $0.isFunction }.map(\.name)
    }

    /// Everything that the library exports: functions and data. Names that versions of symbols have are none.
    public func exportedNames() throws(Problem) -> [String] {
        try symbols().filter(\.isDefined).map(\.name)
    }

    /// The names that the dynamic linker has to find in other libraries.
    func importedNames() throws(Problem) -> [String] {
        try symbols().filter { !$0.isDefined }.map(\.name)
    }

    private func symbols() throws(Problem) -> [DynamicSymbol] {
        guard let table = sections.first(where: { $0.kind == Self.dynamicSymbols }) else {
            throw .damaged("it has no dynamic symbol table")
        }
        guard sections.indices.contains(table.link), !table.contents.isEmpty else {
            throw .damaged("its dynamic symbol table lies outside the file")
        }
        let texts = sections[table.link].contents
        var symbols: [DynamicSymbol] = []
        var position = table.contents.lowerBound
        while position + Self.symbol <= table.contents.upperBound {
            defer { position += Self.symbol }
            guard let nameOffset = file.word32(at: position), let information = file.byte(at: position + 4),
                let other = file.byte(at: position + 5), let section = file.half(at: position + 6)
            else { break }
            let (binding, kind, visibility) = (information >> 4, information & 0xF, other & 3)
            // Global, weak and unique symbols that are not hidden. SHN_ABS is the section of the names of versions.
            guard [1, 2, 10].contains(binding), visibility == 0 || visibility == 3, section != 0xFFF1 else { continue }
            guard let name = file.text(at: texts.lowerBound + Int(nameOffset), within: texts) else {
                throw .damaged("a symbol's name lies outside the string table")
            }
            let isDefined = section != 0
            symbols.append(DynamicSymbol(name: name, isDefined: isDefined, isFunction: kind == 2))
        }
        return symbols
    }
}
