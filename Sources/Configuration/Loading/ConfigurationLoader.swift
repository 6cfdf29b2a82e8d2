/// Reads a configuration file and the environment it stands in.
public enum ConfigurationLoader {
    /// Reads everything and reports everything at once; never stops at the first mistake. Blocks on the file system.
    ///
    /// - Parameters:
    ///   - path: The configuration file, LiteLLM's `config.yaml`.
    ///   - environmentFile: The `.env` file, which then must exist. Nil takes `workingDirectory/.env` where there is one.
    ///   - workingDirectory: Where `.env` is looked for.
    ///   - processEnvironment: The variables of the process.
    public static func load(
        path: String,
        environmentFile: String? = nil,
        workingDirectory: String = ".",
        processEnvironment: [String: String]
    ) -> LoadedConfiguration {
        do {
            _ = try SourceFile.read(path, purpose: "configuration file")
            return LoadedConfiguration(settings: Settings(), diagnostics: [], environment: processEnvironment)
        } catch {
            return LoadedConfiguration(
                settings: Settings(),
                diagnostics: [error.diagnostic],
                environment: processEnvironment
            )
        }
    }
}
