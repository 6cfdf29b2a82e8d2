import ArgumentParser
import Configuration
import PluginConformance
import PluginHost
import Text

/// What is checked, and with which parameters: the options that `gateway plugins check` hands on to the process of each
/// check.
struct CheckSubject: ParsableArguments {
    @Argument(help: "The plugin's file, or its type in the plugin directory.")
    var plugin: String?

    @Option(
        name: .customLong("params"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Parameters as in cache_params, each KEY=VALUE; os.environ/NAME takes a variable's value.",
            valueName: "key=value"
        )
    )
    var parameters: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The URL of the backend, for the parameter 'url' or the only one for a URL, or PARAMETER=URL.",
            discussion: "Then the plugin is also checked with backends that are down or say nothing."
        )
    )
    var backend: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Parameters with which start has to fail, such as a licence that has expired, each KEY=VALUE.",
            valueName: "key=value"
        )
    )
    var impossible: [String] = []

    @Option(help: "The seed of everything random, to repeat a run.")
    var seed: UInt64?

    @Option(help: "How long one operation may take, in seconds.")
    var patience = 10.0

    func validate() throws {
        for text in parameters + impossible where !text.contains("=") {
            throw ValidationError("'\(text)' is not KEY=VALUE.")
        }
    }

    /// The options that are the same for every check.
    var repeated: [String] {
        func option(_ name: String, _ values: [String]) -> [String] { values.isEmpty ? [] : [name] + values }
        return ["--patience", "\(patience)"] + option("--params", parameters) + option("--backend", backend)
            + option("--impossible", impossible)
    }

    /// The parameters, with the values of variables in them.
    static func values(_ texts: [String]) -> [String: String] {
        let environment = ProcessEnvironment.variables()
        var values: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else { continue }
            let value = String(text[text.index(after: equals)...])
            let variable = value.hasPrefix("os.environ/") ? environment[String(value.dropFirst(11))] : nil
            values[String(text[..<equals])] = variable ?? value
        }
        return values
    }

    /// The library's file and what the plugin says about itself.
    func probe(in options: PluginOptions) throws -> (path: String, probe: PluginProbe) {
        guard let plugin else { throw ValidationError("No plugin is named; name its file or its type.") }
        if plugin.contains("/") || plugin.hasSuffix(".so") {
            return (plugin, PluginProbe.run(file: plugin))
        }
        let type = try OneLine.orExit { () throws(PluginError) in try PluginType(plugin) }
        let file = try OneLine.orExit { () throws(PluginError) in try options.directory.locate(type) }
        return (file.path, PluginProbe.run(file: file.path))
    }

    /// A sentence about a backend that no parameter takes. It is nil where there is none.
    func impossibleBackend(of probe: PluginProbe) -> String? {
        guard probe.isDescribed else { return nil }
        do {
            for text in backend { _ = try BackendPlace(text, declared: probe.parameters) }
            return nil
        } catch {
            return "--backend: \(error)."
        }
    }

    /// A sentence about a parameter that the plugin does not declare. It is nil where there is none.
    func unknownParameter(of probe: PluginProbe) -> String? {
        guard probe.isDescribed else { return nil }
        return Self.unknownParameter(parameters + impossible, among: probe.parameters)
    }

    /// A sentence about a name that is not among the declared ones. It is nil where there is none.
    static func unknownParameter(_ texts: [String], among declared: [String]) -> String? {
        let names = texts.map { String($0.prefix { $0 != "=" }) }
        guard let unknown = names.first(where: { !declared.contains($0) }) else { return nil }
        let hint = NearestName.nearest(to: unknown, among: declared).map { "; did you mean '\($0)'?" }
        return "The plugin has no parameter '\(unknown)'\(hint ?? ".")"
    }
}
