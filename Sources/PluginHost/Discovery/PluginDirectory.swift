import ELF
import Glibc
import Text

/// The folder that cache plugins are loaded from. Looking at it runs no code in it.
public struct PluginDirectory: Sendable, Equatable {
    /// The directory as the operator gave it.
    public let path: String

    /// - Parameter path: need not exist. If it does not, `list` and `locate` report it.
    public init(path: String) {
        self.path = path
    }

    /// The types that have a plugin file, sorted by name, whether or not the files would load.
    public func list() throws(PluginError) -> [PluginType] {
        try FileVetting.vetDirectory(path)
        return Self.names(in: path).compactMap(PluginType.init(fileName:)).sorted { $0.name < $1.name }
    }

    /// Finds and vets the file of a plugin. The file's code is not run.
    public func locate(_ type: PluginType) throws(PluginError) -> VettedPlugin {
        try FileVetting.vetDirectory(path)
        let file = path.hasSuffix("/") ? path + type.fileName : path + "/" + type.fileName
        var status = stat()
        if lstat(file, &status) != 0, errno == ENOENT {
            throw missing(type)
        }
        let resolved = try FileVetting.vetFile(file)
        let facts = try LibraryFile.read(resolved) { (library) throws(ELFLibrary.Problem) in try LibraryFacts(library) }
        try EntrySymbol.check(facts.functions, path: resolved)
        return VettedPlugin(type: type, path: resolved, facts: facts)
    }

    private func missing(_ type: PluginType) -> PluginError {
        let there = Self.names(in: path).compactMap(PluginType.init(fileName:)).map(\.name).sorted()
        var message = "no cache plugin '\(type)' in \(path): there is no file \(type.fileName)"
        if there.isEmpty {
            message += ", nor any other cache plugin; install it there or name another folder with --plugin-dir"
        } else {
            message += "; there are: \(there.joined(separator: ", "))"
            if let nearest = NearestName.nearest(to: type.name, among: there) {
                message += "; did you mean '\(nearest)'?"
            }
        }
        return PluginError(.pluginMissing, path: path, message)
    }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }
}

/// A plugin file that may be loaded, because it passed every check that can be made without running it.
public struct VettedPlugin: Sendable, Equatable {
    /// The cache type that its file is named after.
    public let type: PluginType
    /// The absolute path without symbolic links.
    public let path: String
    /// What the file tells about itself.
    public let facts: LibraryFacts
}
