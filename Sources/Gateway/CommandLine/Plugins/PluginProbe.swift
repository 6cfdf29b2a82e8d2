import PluginHost
import Subprocess

/// What a plugin says about itself, asked in a process of its own: a library may crash, exit or hang as soon as it is
/// loaded.
struct PluginProbe {
    /// What the process said, by name.
    private let said: [String: [String]]
    /// Why the plugin cannot be used. It is nil where it can.
    let refusal: String?

    /// How long a plugin may take to be loaded and described, in seconds.
    private static let patience = 10.0

    /// Whether the plugin could be loaded and has described itself.
    var isDescribed: Bool { said["type"] != nil }
    var type: String { text("type") ?? "" }
    var version: String { text("version") ?? "" }
    var summary: String { text("summary") ?? "" }
    var vendor: String? { text("vendor") }
    var license: String? { text("license") }
    var documentation: String? { text("documentation") }
    var threads: String { text("threads") ?? "" }
    var defaultTTL: String { text("default-ttl") ?? "none" }
    var capabilities: String { text("capabilities") ?? "" }
    /// The names of its parameters, and their aliases.
    var parameters: [String] { said["parameter"] ?? [] }
    /// The reserved extensions that it offers.
    var extensions: [String] { said["extension"] ?? [] }
    var isExclusive: Bool { capabilities.split(separator: ", ").contains("exclusive") }

    private func text(_ name: String) -> String? { said[name]?.first }

    /// Asks the plugin of a file, wherever the file is.
    static func run(file: String) -> PluginProbe { run(["--file", file]) }

    /// Asks the plugin of a type as the gateway would load it.
    static func run(_ type: PluginType, in directory: PluginDirectory) -> PluginProbe {
        run(["--type", type.name, "--plugin-dir", directory.path])
    }

    private static func run(_ arguments: [String]) -> PluginProbe {
        do {
            let child = Subprocess(
                Subprocess.ownExecutable,
                ["plugins", "probe-one"] + arguments,
                variables: Subprocess.withoutBacktrace
            )
            return PluginProbe(try child.run(seconds: patience))
        } catch {
            return PluginProbe(said: [:], refusal: "\(error)")
        }
    }

    private init(said: [String: [String]], refusal: String?) {
        (self.said, self.refusal) = (said, refusal)
    }

    /// - Parameter result: what the process left.
    init(_ result: Subprocess.Result) {
        var said: [String: [String]] = [:]
        for line in String(decoding: result.report, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if words.count == 2 { said[words[0], default: []].append(words[1]) }
        }
        self.said = said
        refusal =
            switch result.end {
            case .timedOut: "it hangs: it was not loaded and described within \(Int(Self.patience)) seconds"
            case .killed(let signal): "it crashes when it is loaded and described (signal \(signal))"
            case .exited(let status):
                said["end"] == nil ? "it ends the process with status \(status)" : said["refusal"]?.first
            }
    }
}
