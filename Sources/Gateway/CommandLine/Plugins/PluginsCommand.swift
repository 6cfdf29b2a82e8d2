import ArgumentParser
import PluginHost

/// `gateway plugins`: tells about plugins, and checks them.
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Tell about the cache plugins.",
        subcommands: [
            PluginListCommand.self, PluginDescribeCommand.self, PluginCheckCommand.self, PluginBenchCommand.self,
            New.self,
            PluginCheckChildCommand.self, PluginProbeCommand.self,
        ]
    )
}
