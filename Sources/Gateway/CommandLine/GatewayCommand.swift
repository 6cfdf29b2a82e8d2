import ArgumentParser
import CrashReport

/// The entry point of the process.
@main
enum Main {
    static func main() {
        StandardStreams.open()
        StandardStreams.checkOutputAtExit()
        crash_report_install()
        GatewayCommand.main()
    }
}

/// `gateway`: serves. Its subcommands check and inform.
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "An OpenAI-compatible LLM gateway that answers repeated requests from a cache.",
        discussion: """
            Reads LiteLLM's configuration file. The cache backend is a shared library, libgateway-cache-<type>.so, \
            that is loaded from the plugin directory by the name in cache_params.type.

            Exit codes: 0 stopped as asked, 1 could not run, 64 wrong command line, 78 wrong configuration.
            """,
        version: Version.description,
        subcommands: [
            CheckCommand.self, ExplainCommand.self, KeysCommand.self, ReloadCommand.self, TopCommand.self,
            PluginsCommand.self,
            ReferenceCommand.self,
        ]
    )

    @OptionGroup var source: SourceOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var pins: PinOptions
    @OptionGroup var listening: ListeningOptions
    @OptionGroup var serving: ServingOptions
    @OptionGroup var access: AccessLogOptions
    @OptionGroup var stopping: StopOptions
    @OptionGroup var changing: ChangingOptions

    func run() throws {
        do {
            try ServeCommand(
                source: source,
                plugins: plugins,
                pins: pins,
                serving: serving,
                access: access,
                listening: listening,
                stopping: stopping,
                changing: changing
            ).run()
        } catch let error as WrongConfiguration {
            StandardError.print(error.description, patience: 1_000)
            throw ExitCode.wrongConfiguration
        } catch let error as CannotServe {
            StandardError.print("gateway: \(error.description)", patience: 1_000)
            throw error.code
        }
    }
}
