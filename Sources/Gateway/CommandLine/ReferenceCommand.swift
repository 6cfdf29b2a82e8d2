import ArgumentParser
import Configuration
import MetricFamilies
import PluginHost
import Upstream

/// `gateway reference`: prints the documentation of every key, from the tables that drive the parsing.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print the reference of the configuration as Markdown, with the parameters of the plugins there are."
    )

    @Flag(help: "Print what /metrics has instead.")
    var metrics = false

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print what becomes of the keys of LiteLLM's configuration instead.")
    var migrating = false

    func run() throws {
        if metrics { return print(MetricReference.markdown(), terminator: "") }
        migrating ? try printMigration() : try printReference()
    }

    private func printMigration() throws {
        print("# LiteLLM's keys\n")
        print("<!-- Made by `gateway reference --migrating`; `make reference` makes it anew. -->\n")
        print("What becomes of each key of LiteLLM's configuration. A key that is neither here nor in the")
        print("[reference](configuration.md) is unknown, which is a warning, or in `cache_params` an error.")
        print("[Migrating from LiteLLM](migrating-from-litellm.md) says how to go about it.\n")
        let caches = try loaded().map { plugin in
            MigrationReference.CacheType(
                type: "\(plugin.type)",
                parameters: Set(plugin.parameters.flatMap { [$0.name] + $0.aliases }),
                ignored: Set(
                    plugin.parameters.filter { $0.flags.contains(.ignored) }.flatMap { [$0.name] + $0.aliases }
                )
            )
        }
        print(MigrationReference.markdown(caches), terminator: "")
    }

    /// The plugins of the directory.
    private func loaded() throws -> [LoadedPlugin] {
        let directory = plugins.directory
        return try OneLine.orExit { () throws(PluginError) in
            var loaded: [LoadedPlugin] = []
            for type in try directory.list() { loaded.append(try PluginLoader.standard(directory).load(type)) }
            return loaded
        }
    }

    private func printReference() throws {
        print("# Reference of the configuration\n")
        print("<!-- Made by `gateway reference`; `make reference` makes it anew. -->\n")
        print(ConfigurationReference.markdown())
        print("### Providers\n")
        print(
            "The name before the slash of `model` in `litellm_params`, or the value of `custom_llm_provider`. The first"
        )
        print("variable that is set applies. A key from the environment is sent only to the provider's own address, or")
        print("to any address where the provider is a server that its users run themselves.\n")
        print(ProviderReference.markdown())
        for plugin in try loaded() {
            print("### `cache_params` of `type: \(plugin.type)`\n")
            print("\(plugin.summary).\n")
            print(PluginDocumentation(parameters: plugin.parameters).markdown)
        }
    }
}
