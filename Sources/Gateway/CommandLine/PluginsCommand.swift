import ArgumentParser
import PluginHost

/// `gateway plugins`: shows the contents of the plugin directory.
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Tell about the cache plugins.",
        subcommands: [List.self, Describe.self, New.self]
    )

    /// `gateway plugins list`: lists the plugins.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the plugins, and why those that cannot be used cannot."
        )

        @OptionGroup var plugins: PluginOptions

        func run() throws {
            let directory = plugins.directory
            let types = try OneLine.orExit { () throws(PluginError) in try directory.list() }
            if types.isEmpty {
                StandardError.print("there is no cache plugin in \(directory.path)")
            }
            for type in types {
                do {
                    let plugin = try PluginLoader.standard(directory).load(type)
                    print("\(plugin.type)\t\(plugin.version)\t\(plugin.summary)")
                } catch {
                    print("\(type.name)\t-\tunusable: \(error)")
                }
            }
        }
    }

    /// `gateway plugins describe TYPE`: describes one plugin.
    struct Describe: ParsableCommand {
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
            let plugin = try OneLine.orExit { () throws(PluginError) in
                try PluginLoader.standard(directory).load(PluginType(type))
            }
            let documentation = PluginDocumentation(parameters: plugin.parameters)
            print(markdown ? documentation.markdown : PluginReport(plugin).text + "\n\n" + documentation.text)
        }
    }
}

/// Formats a plugin's description as text.
struct PluginReport {
    let text: String

    init(_ plugin: LoadedPlugin) {
        var lines = ["\(plugin.type) \(plugin.version): \(plugin.summary)", "  file: \(plugin.path)"]
        if let vendor = plugin.vendor { lines.append("  vendor: \(vendor)") }
        if let license = plugin.license { lines.append("  license: \(license)") }
        if let url = plugin.documentationURL { lines.append("  documentation: \(url)") }
        lines.append("  threads: \(plugin.threadModel)")
        lines.append("  capabilities: \(plugin.capabilities)")
        let ttl = plugin.defaultTimeToLiveMilliseconds.map { "\($0 / 1_000) s" } ?? "none"
        lines.append("  default ttl: \(ttl)")
        text = lines.joined(separator: "\n")
    }
}
