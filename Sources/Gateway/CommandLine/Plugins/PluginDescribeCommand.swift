import ArgumentParser
import PluginHost

/// `gateway plugins describe TYPE`: describes one plugin.
struct PluginDescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Describe a plugin and its parameters."
    )

    @Argument(help: "The plugin's type, as cache_params.type names it.")
    var type: String

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "As a Markdown table.")
    var markdown = false

    func run() throws {
        let directory = plugins.directory
        let name = type
        let type = try OneLine.orExit { () throws(PluginError) in try PluginType(name) }
        let listed = ListedPlugin(type, in: directory)
        if let refusal = listed.refusal {
            StandardError.print("gateway: \(refusal)")
            throw ExitCode(1)
        }
        // It has been loaded in another process without harm.
        let plugin = try OneLine.orExit { () throws(PluginError) in try PluginLoader.standard(directory).load(type) }
        let documentation = PluginDocumentation(parameters: plugin.parameters)
        print(markdown ? documentation.markdown : PluginReport(plugin, listed).text + "\n\n" + documentation.text)
    }
}

/// Formats a plugin's description as text.
struct PluginReport {
    let text: String

    init(_ plugin: LoadedPlugin, _ listed: ListedPlugin) {
        var lines = ["\(plugin.type) \(plugin.version): \(plugin.summary)", "  file: \(plugin.path)"]
        if let digest = listed.digest { lines.append("  sha256: \(digest)") }
        if let vendor = plugin.vendor { lines.append("  vendor: \(vendor)") }
        if let license = plugin.license { lines.append("  license: \(license)") }
        if let url = plugin.documentationURL { lines.append("  documentation: \(url)") }
        lines.append("  language: \(plugin.facts.language)")
        lines.append("  threads: \(plugin.threadModel)")
        lines.append("  capabilities: \(plugin.capabilities)")
        let extensions = listed.probe?.extensions ?? []
        lines.append("  extensions: \(extensions.isEmpty ? "none" : extensions.joined(separator: ", "))")
        let ttl = plugin.defaultTimeToLiveMilliseconds.map { "\($0 / 1_000) s" } ?? "none"
        lines.append("  default ttl: \(ttl)")
        if let remark = plugin.facts.remark { lines.append("  warning: it \(remark)") }
        text = lines.joined(separator: "\n")
    }
}
