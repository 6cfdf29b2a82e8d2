import Foundation

/// The locations of the parts under test.
enum Repository {
    /// The root of the source tree, found from this file.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The release binary, or `GATEWAY_BINARY`.
    static let gateway = path(from: "GATEWAY_BINARY", default: ".build/release/gateway")

    /// The folder of the plugins, or `GATEWAY_PLUGIN_DIR`.
    static let plugins = path(from: "GATEWAY_PLUGIN_DIR", default: ".build/release")

    /// The Python that has the packages of `scripts/requirements.txt`, or `GATEWAY_PYTHON`.
    static let python = path(from: "GATEWAY_PYTHON", default: ".build-tools/venv/bin/python")

    /// The Python that has the packages of `scripts/openai-2-requirements.txt`, or `GATEWAY_OPENAI_2_PYTHON`: clients that
    /// need the second major version of the `openai` package.
    static let openAI2Python = path(from: "GATEWAY_OPENAI_2_PYTHON", default: ".build-tools/openai-2/bin/python")

    /// The folder that holds the plugin interface's header.
    static let headers = root.appending(path: "Sources/PluginAPI/include")

    /// The version that every part reports.
    static var version: String {
        get throws {
            try String(contentsOf: root.appending(path: "VERSION"), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private static func path(from variable: String, default relative: String) -> URL {
        if let given = ProcessInfo.processInfo.environment[variable], !given.isEmpty {
            return URL(fileURLWithPath: given)
        }
        return root.appending(path: relative)
    }
}

/// A failure of the test harness, in a sentence for the person who runs the tests.
struct HarnessError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
