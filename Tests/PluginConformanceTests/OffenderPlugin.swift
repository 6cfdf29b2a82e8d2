import Foundation
import PluginConformance

/// Plugins in C, compiled with `cc` and only the header: one that breaks a rule, and the example for authors.
enum OffenderPlugin {
    struct CompilerFailed: Error { let output: String }

    /// The plugin whose parameter `offence` selects the rule that it breaks.
    static let byParameter = Result { try compile([]) }

    /// The example for authors of plugins.
    static let example = "examples/plugins/memory-c/memory.c"

    /// - Parameter defines: the macros that make the descriptor wrong.
    static func compile(
        _ defines: [String],
        source: String = "Tests/PluginConformanceTests/Plugins/offender.c"
    ) throws -> TestedPlugin {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let library = FileManager.default.temporaryDirectory
            .appending(path: "libgateway-cache-offender-\(UUID().uuidString).so").path
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/cc")
        process.arguments =
            ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-shared", "-fPIC", "-fvisibility=hidden"]
            + ["-I", root.appending(path: "Sources/PluginAPI/include").path] + defines.map { "-D" + $0 }
            + [
                root.appending(path: source).path, "-o", library,
                "-lpthread", "-lm",
            ]
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CompilerFailed(output: String(decoding: text, as: UTF8.self)) }
        defer { try? FileManager.default.removeItem(atPath: library) }
        return try TestedPlugin(library: library)
    }
}
