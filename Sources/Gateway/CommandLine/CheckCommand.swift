import ArgumentParser
import Configuration
import PluginHost
import ResponseCache
import Upstream

/// `gateway check`: reads everything that a start would read, and reports what it would run.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration without serving: all of its errors at once, or what it would run.",
        discussion: """
            Loads the cache plugin and validates its parameters, but connects to nothing.

            With --diff it prints what a reload of a running gateway would change. A value that is secret or comes from the
            environment is never printed, only that it is another one.

            Exit codes: 0 good, 1 wrong or, with --diff, no gateway is reached; with --strict 78 for errors and warnings
            alike.
            """
    )

    @Argument(help: "The configuration file; the same as --config.")
    var file: String?

    @OptionGroup var source: SourceOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var pins: PinOptions

    @OptionGroup var running: RunningGatewayOptions

    @Flag(help: "Take warnings for errors.")
    var strict = false

    @Flag(help: "Print what would change in the running gateway that --pid-file or --admin names.")
    var diff = false

    func validate() throws {
        if let file, let config = source.config, file != config {
            throw ValidationError("Two configurations are named, \(file) and \(config); name one.")
        }
    }

    func run() throws {
        let path = try file ?? source.configurationPath()
        let blueprint: Blueprint
        do {
            blueprint = try Blueprint.read(
                from: path,
                environmentFile: source.envFile,
                plugins: plugins.directory,
                requiresPins: pins.requirePins
            )
        } catch {
            StandardError.print(error.description)
            let errors = error.diagnostics.count { $0.isError }
            StandardError.print("\(path): \(errors) error\(errors == 1 ? "" : "s")")
            throw strict ? ExitCode.wrongConfiguration : ExitCode(1)
        }
        for warning in blueprint.warnings { StandardError.print(warning.description) }
        let warnings = blueprint.warnings.count
        if strict, warnings > 0 {
            StandardError.print("\(path): \(warnings) warning\(warnings == 1 ? "" : "s"), not allowed by --strict")
            throw ExitCode.wrongConfiguration
        }
        if diff {
            print(try differences(from: running.gateway(), to: blueprint))
        } else {
            print(CheckReport(blueprint).text)
        }
        print("\(path): ok")
    }

    /// What would change in a running gateway, a line for each value.
    private func differences(from gateway: any ReachableGateway, to blueprint: Blueprint) throws -> String {
        let status = try OneLine.orExit { () throws(CannotReach) in try gateway.status() }
        guard let present = status.summary else {
            StandardError.print("gateway: the gateway does not tell its configuration")
            throw ExitCode.failure
        }
        let next = try OneLine.orExit { () throws(SHA256Failure) in
            try ConfigurationSummary(blueprint, salt: present.salt)
        }
        let changes = ConfigurationChanges(from: present, to: next)
        var lines = changes.lines
        if lines.isEmpty { lines.append("nothing would change in generation \(status.generation)") }
        if let backend = changes.backend { lines.append("the cache backend would be \(backend)") }
        return lines.joined(separator: "\n")
    }
}

/// Describes as text what a valid configuration would run.
struct CheckReport {
    let text: String

    init(_ blueprint: Blueprint) {
        var lines = ["models"]
        for group in blueprint.models.groups {
            for deployment in group.deployments {
                let target = deployment.origin.map { " at \($0)" } ?? ""
                lines.append("  \(group.name): \(deployment.provider)/\(deployment.model)\(target)")
            }
        }
        if blueprint.models.groups.isEmpty { lines.append("  none") }
        lines.append("master key")
        lines.append(blueprint.settings.masterKey == nil ? "  none" : "  set")
        if !blueprint.settings.keys.isEmpty {
            lines.append("keys")
            for key in blueprint.settings.keys { lines.append("  \(key.name)") }
        }
        lines.append("cache")
        if let backend = blueprint.backend {
            let plugin = backend.plugin
            lines.append("  type: \(plugin.type) (\(backend.settings.typeReason))")
            lines.append("  plugin: \(plugin.path), version \(plugin.version)")
            lines.append("  namespace: \(backend.settings.namespace ?? "gateway")")
            if let ttl = backend.settings.ttl {
                lines.append("  ttl: \(ttl) s")
            } else if let ttl = plugin.defaultTimeToLiveMilliseconds {
                lines.append("  ttl: \(ttl / 1_000) s, the backend's default")
            } else {
                lines.append("  ttl: none")
            }
            for (name, value) in backend.parameters.printable { lines.append("  \(name): \(value)") }
        } else {
            lines.append("  off")
        }
        text = lines.joined(separator: "\n")
    }
}
