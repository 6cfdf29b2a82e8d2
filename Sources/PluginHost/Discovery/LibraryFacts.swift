import ELF

/// What the file of a plugin tells about itself without any of its code being run.
public struct LibraryFacts: Sendable, Equatable {
    /// The functions that it exports.
    let functions: [String]
    /// What it exports beside the entry function, which rule P-4 forbids: other libraries could bind to these names.
    public let extraExports: [String]
    /// Whether loading it makes the stacks of the whole process executable, which rule P-4 forbids.
    public let wantsExecutableStack: Bool
    /// The language that it is written in.
    public let language: String
    /// Whether it asks for libraries in a directory beside its own file.
    let needsItsPlace: Bool

    init(_ library: ELFLibrary) throws(ELFLibrary.Problem) {
        functions = try library.exportedFunctions()
        extraExports = try library.exportedNames().filter { $0 != EntrySymbol.name }
        wantsExecutableStack = library.wantsExecutableStack
        language = library.sourceLanguage.rawValue
        needsItsPlace = library.runPaths.contains { $0.contains("$ORIGIN") || $0.contains("${ORIGIN}") }
    }

    /// What is wrong with the library by rule P-4, in one sentence. It is nil where nothing is.
    public var remark: String? {
        var wrong: [String] = []
        if !extraExports.isEmpty {
            let named = extraExports.prefix(3).map { "'\(Printable.text($0, limit: 60))'" }.joined(separator: ", ")
            wrong.append(
                "exports \(extraExports.count) name\(extraExports.count == 1 ? "" : "s") beside the entry function "
                    + "(\(named)\(extraExports.count > 3 ? ", …" : ""))"
            )
        }
        if wantsExecutableStack { wrong.append("makes the stack executable") }
        guard !wrong.isEmpty else { return nil }
        return wrong.joined(separator: " and ") + ", against rule P-4 of the plugin interface"
    }
}
