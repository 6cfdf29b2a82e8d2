public import CallTypes
import Text

/// Reads a configuration file and its environment.
public enum ConfigurationLoader {
    /// Reads everything and reports all mistakes at once, without stopping at the first one. It blocks on the file
    /// system.
    ///
    /// - Parameters:
    ///   - path: The configuration file, LiteLLM's `config.yaml`.
    ///   - environmentFile: The `.env` file, which then must exist. If it is nil, `workingDirectory/.env` is read where
    ///     it exists and only root and the process's user can have written it.
    ///   - workingDirectory: The directory in which `.env` is searched for.
    ///   - processEnvironment: The variables of the process.
    ///   - calls: The calls that the gateway serves, which `supported_call_types` may name.
    public static func load(
        path: String,
        environmentFile: String? = nil,
        workingDirectory: String = ".",
        processEnvironment: [String: String],
        calls: CallTable
    ) -> LoadedConfiguration {
        var environment = MergedEnvironment(process: processEnvironment)
        var diagnostics: [Diagnostic] = []
        let possible = environmentFile ?? defaultEnvironmentFile(in: workingDirectory)
        if environmentFile != nil || SourceFile.isFile(possible) {
            readEnvironment(possible, isNamed: environmentFile != nil, into: &environment, &diagnostics)
        }

        var draft = SettingsDraft()
        var context = ReadingContext(calls: calls, environment: environment, diagnostics: diagnostics)
        var outline = ConfigurationOutline()
        do {
            let root = try YAMLComposer.compose(SourceFile.read(path, purpose: "configuration file")) {
                context.add($0)
            }
            read(root, into: &draft, context: &context)
            outline = ConfigurationOutline(root, in: context.environment)
        } catch {
            context.add(error.diagnostic)
        }
        return LoadedConfiguration(
            settings: draft.settings(context.environment, calls),
            diagnostics: context.diagnostics.sorted { $0.position < $1.position },
            environment: context.environment.variables,
            outline: outline,
            files: [path, possible]
        )
    }

    private static func read(_ root: YAMLNode, into draft: inout SettingsDraft, context: inout ReadingContext) {
        if root.isNull {
            return context.error(
                SourcePosition(file: root.position.file),
                "the file is empty; it needs at least a model_list"
            )
        }
        Section<SettingsDraft>.file.read(root, into: &draft, context: &context)
        if draft.litellm.cacheIsOn == true { draft.litellm.cache.fillIn(&context) }
        if let incompleteness = draft.general.tls.incompleteness { context.add(incompleteness) }
        let isNeeded = draft.models == nil && draft.general.passThroughEndpoints.isEmpty
        if case .mapping(let members) = root.content, isNeeded {
            let keys = Section<SettingsDraft>.file.keys
            let isMisspelt = members.prefix(Diagnostic.limit).contains {
                NearestName.nearest(to: $0.key, among: keys) == "model_list"
            }
            let whole = SourcePosition(file: root.position.file)
            let message = "there is no model_list: no request can be answered"
            isMisspelt ? context.error(whole, message) : context.warn(whole, message)
        }
    }

    // MARK: The environment file

    /// The `.env` of a directory. It may not exist, and a directory of that name is a Python environment.
    private static func defaultEnvironmentFile(in directory: String) -> String {
        directory == "." ? ".env" : "\(directory)/.env"
    }

    /// - Parameter isNamed: whether the operator named the file. It is then read, whoever can write to it.
    private static func readEnvironment(
        _ path: String,
        isNamed: Bool,
        into environment: inout MergedEnvironment,
        _ diagnostics: inout [Diagnostic]
    ) {
        do {
            let source = try SourceFile.read(path, purpose: "environment file")
            if let reason = source.distrust {
                let message = isNamed ? "this file is not safe" : "this file is ignored"
                diagnostics.append(Diagnostic(.warning, at: SourcePosition(file: path), "\(message): \(reason)"))
                if !isNamed { return }
            }
            let file = EnvironmentFile(source)
            diagnostics += file.diagnostics
            try environment.add(file)
        } catch {
            diagnostics.append(error.diagnostic)
        }
    }
}
