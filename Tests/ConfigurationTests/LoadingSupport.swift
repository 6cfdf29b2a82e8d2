import Configuration
import Foundation
import Testing

/// A directory of its own, for the files of one test.
struct Folder: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "configuration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func load(environmentFile: String? = nil, _ environment: [String: String] = [:]) -> LoadedConfiguration {
        ConfigurationLoader.load(
            path: "\(path)/config.yaml",
            environmentFile: environmentFile.map { "\(path)/\($0)" },
            workingDirectory: path,
            processEnvironment: environment,
            calls: Calls.table
        )
    }

    /// The messages, without the folder's path.
    func messages(_ loaded: LoadedConfiguration) -> [String] {
        loaded.diagnostics.map { $0.description.replacingOccurrences(of: path + "/", with: "") }
    }
}

/// The result of loading a configuration, and its messages.
struct Outcome {
    let loaded: LoadedConfiguration
    let messages: [String]

    var settings: Settings { loaded.settings }
    var errors: [String] { messages.filter { !$0.contains(": warning: ") } }
}

/// Loads a configuration from memory.
func load(_ bytes: some Sequence<UInt8>, dotEnv: String? = nil, _ environment: [String: String] = [:]) throws -> Outcome
{
    let folder = try Folder()
    try folder.write("config.yaml", bytes)
    if let dotEnv { try folder.write(".env", dotEnv.utf8) }
    let loaded = folder.load(environment)
    return Outcome(loaded: loaded, messages: folder.messages(loaded))
}

func load(_ text: String, dotEnv: String? = nil, _ environment: [String: String] = [:]) throws -> Outcome {
    try load(text.utf8, dotEnv: dotEnv, environment)
}
