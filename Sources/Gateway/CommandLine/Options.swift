public import ArgumentParser
public import Configuration
public import Logging
import PluginHost

/// The options that name the configuration.
struct SourceOptions: ParsableArguments {
    // It is optional only to the parser, since subcommands that need no configuration share the command line with it.
    @Option(name: [.short, .long], help: "The configuration file. Required.")
    var config: String?

    @Option(help: "A file of environment variables; without it .env in the working directory, if it is safe.")
    var envFile: String?

    /// Returns the configuration file, or throws what to print where none is named.
    func configurationPath() throws -> String {
        guard let config else {
            throw ValidationError("No configuration is named; add --config FILE, such as examples/quickstart.yaml.")
        }
        return config
    }
}

/// The option that names the plugin directory. It is a group of its own because the parser passes a group that a
/// command and its parent share to both.
struct PluginOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory of the cache plugins.",
            discussion: "Without it ../lib/gateway beside the executable, else the executable's own directory."
        )
    )
    var pluginDir: String?

    var directory: PluginDirectory { PluginDirectory(path: pluginDir ?? PluginLocation.standard()) }
}

/// The option that lets only pinned plugins be loaded.
struct PinOptions: ParsableArguments {
    @Flag(help: "Load the cache plugin only if cache_params.plugin_sha256 gives its digest.")
    var requirePins = false
}

/// The options for serving.
struct ServingOptions: ParsableArguments {
    @Option(help: "How many event loops to run; without it one for each core that the process may use.")
    var loops: Int?

    @Option(
        help: ArgumentHelp(
            "What requests and answers under way may take of the memory together, such as 512MB.",
            discussion: "Without it general_settings.memory_limit, else a quarter of the machine's or control group's "
                + "memory. More requests are answered with 503."
        )
    )
    var memoryLimit: ByteCount?

    @Option(help: "The least level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level?

    @Option(help: "How log lines are written: text or json.")
    var logFormat: LogFormat = .text

    func validate() throws {
        if let loops, !(1...256).contains(loops) {
            throw ValidationError("--loops \(loops) is out of range; use 1 to 256.")
        }
        if let memoryLimit, memoryLimit.bytes < MemoryLimit.least {
            throw ValidationError("--memory-limit is too low; use at least \(MemoryLimit.least >> 20)MB.")
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
extension ByteCount: ExpressibleByArgument {
    /// Reads the value of an option. It is nil where the value is not a size.
    public init?(argument: String) { self.init(argument) }
}
