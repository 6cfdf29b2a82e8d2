import ArgumentParser
import Configuration
import PluginHost
import Upstream

/// `gateway reference`: prints the documentation of every key, from the tables that drive the parsing.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print the reference of the configuration as Markdown, with the parameters of the plugins there are."
    )

    @OptionGroup var plugins: PluginOptions

    func run() throws {
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
        let directory = plugins.directory
        for type in try OneLine.orExit({ () throws(PluginError) in try directory.list() }) {
            let plugin = try OneLine.orExit { () throws(PluginError) in try PluginLoader.standard(directory).load(type)
            }
            print("### `cache_params` of `type: \(plugin.type)`\n")
            print("\(plugin.summary).\n")
            print(PluginDocumentation(parameters: plugin.parameters).markdown)
        }
    }
}
