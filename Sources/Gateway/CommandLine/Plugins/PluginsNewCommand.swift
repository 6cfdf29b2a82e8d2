import ArgumentParser

extension PluginProject.Language: ExpressibleByArgument {}

extension PluginsCommand {
    /// `gateway plugins new NAME --language c`: begins a plugin.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Make a project for a plugin of your own, in a new folder."
        )

        @Argument(help: "The plugin's type, and the folder's name.")
        var name: String

        @Option(help: "The language to write it in.")
        var language: PluginProject.Language

        func run() throws {
            let project = try OneLine.orExit { () throws(PluginProjectError) in
                let project = try PluginProject(name: name, language: language)
                try project.write(to: project.name)
                return project
            }
            print("\(project.name): a plugin that works as it is; \(project.name)/README.md says how to go on")
        }
    }
}
