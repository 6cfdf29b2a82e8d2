/// The language that a library is written in, which also tells which runtime it brings into the process.
public enum SourceLanguage: String, Sendable, CaseIterable {
    case swift = "Swift"
    case rust = "Rust"
    case go = "Go"
    case cxx = "C++"
    case c = "C"
}

extension ELFLibrary {
    /// The language of the library, as far as the file tells.
    ///
    /// Swift leaves sections for its metadata; Go one for its build; Rust its version beside those of the other
    /// compilers. A library that needs a C++ runtime or uses mangled names is C++. All others are taken for C.
    public var sourceLanguage: SourceLanguage {
        let names = sections.map(\.name)
        if names.contains(where: { $0.hasPrefix("swift5_") }) { return .swift }
        if names.contains(where: { $0.hasPrefix(".note.go.") || $0 == ".go.buildinfo" }) { return .go }
        let compilers = sections.first { $0.name == ".comment" }.map { file.texts(in: $0.contents) } ?? []
        if compilers.contains(where: { $0.hasPrefix("rustc ") }) { return .rust }
        let isCXX = neededLibraries.contains { $0.hasPrefix("libstdc++.") || $0.hasPrefix("libc++.") }
        if isCXX || ((try? importedNames()) ?? []).contains(where: { $0.hasPrefix("_Z") }) { return .cxx }
        return .c
    }
}
