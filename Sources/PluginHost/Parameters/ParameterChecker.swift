import Text

/// Checks the configuration of a plugin against the plugin's declarations.
public struct ParameterChecker: Sendable {
    /// The result of a check.
    public struct Outcome: Sendable {
        /// The values for the plugin. Use them only if no problem is an error.
        public let values: CheckedParameters
        /// The errors and warnings for the operator, in the order in which they were found.
        public let problems: [ParameterProblem]

        /// Whether there is an error, so that an instance cannot be made.
        public var hasErrors: Bool { problems.contains { $0.severity == .error } }
    }

    private let pluginType: String
    private let parameters: [DeclaredParameter]
    private let hostNames: [String]

    /// - Parameter hostNames: the host's own keys beside the plugin's, which are suggested for misspelled names too.
    public init(pluginType: String, parameters: [DeclaredParameter], hostNames: [String] = []) {
        self.pluginType = pluginType
        self.parameters = parameters
        self.hostNames = hostNames
    }

    /// - Parameters:
    ///   - given: the configured values in the order written. They take precedence over the environment; null means not
    ///     given.
    ///   - environment: the process's environment. An empty variable counts as absent.
    ///   - elsewhere: returns the remark on a name that the plugin does not declare but is known otherwise. If it is
    ///     nil, the name is an error, which suggests the nearest name.
    public func check(
        _ given: [(name: String, value: PluginParameterValue)],
        environment: [String: String] = [:],
        elsewhere: (String) -> ParameterProblem? = { _ in nil }
    ) -> Outcome {
        var problems: [ParameterProblem] = []
        var configured: [String: (written: String, value: PluginParameterValue)] = [:]
        for (name, value) in given {
            guard let parameter = declared(name) else {
                problems.append(elsewhere(name) ?? unknown(name))
                continue
            }
            if let earlier = configured[parameter.name] {
                let message =
                    earlier.written == name
                    ? "'\(name)' is given twice" : "'\(name)' and '\(earlier.written)' are the same parameter; give one"
                problems.append(.init(parameter: name, severity: .error, message: message, isAboutName: true))
                continue
            }
            configured[parameter.name] = (name, value)
            problems += remarks(on: parameter, as: name)
        }
        var values: [String: ReadValue] = [:]
        var sources: [String: ValueSource] = [:]
        for parameter in parameters {
            let (settled, problem) = settle(parameter, configured[parameter.name], environment)
            if let problem { problems.append(problem) }
            if let settled {
                values[parameter.name] = settled.value
                sources[parameter.name] = settled.source
            }
        }
        let checked = CheckedParameters(parameters: parameters, values: values, sources: sources)
        return Outcome(values: checked, problems: problems)
    }

    /// Whether the plugin's own default is a valid value.
    static func defaultParses(_ parameter: DeclaredParameter) -> Bool {
        guard let text = parameter.defaultValue else { return true }
        return (try? ParameterReading.read(.string(text), as: parameter)) != nil
    }

    private typealias Settled = (value: ReadValue, source: ValueSource)

    private func settle(
        _ parameter: DeclaredParameter,
        _ configured: (written: String, value: PluginParameterValue)?,
        _ environment: [String: String]
    ) -> (Settled?, ParameterProblem?) {
        if let configured, configured.value != .null {
            return read(configured.value, .configuration, parameter, "'\(configured.written)'", configured.written)
        }
        if let variable = parameter.environment, let text = environment[variable], !text.isEmpty {
            let called = "'\(parameter.name)' (environment variable \(variable))"
            return read(.string(text), .environment, parameter, called, parameter.name)
        }
        if let text = parameter.defaultValue {
            let called = "the default of '\(parameter.name)'"
            return read(.string(text), .defaultValue, parameter, called, parameter.name)
        }
        guard parameter.isRequired else { return (nil, nil) }
        let variable = parameter.environment.map { ", or set \($0) in the environment" } ?? ""
        return (
            nil,
            ParameterProblem(
                parameter: parameter.name,
                severity: .error,
                message: "'\(parameter.name)' is missing: cache type '\(pluginType)' needs it "
                    + "(\(parameter.summary))\(variable)",
                isAboutName: true
            )
        )
    }

    private func read(
        _ value: PluginParameterValue,
        _ source: ValueSource,
        _ parameter: DeclaredParameter,
        _ called: String,
        _ name: String
    ) -> (Settled?, ParameterProblem?) {
        do {
            return ((try ParameterReading.read(value, as: parameter), source), nil)
        } catch {
            let found =
                parameter.isSecret
                ? value.kind
                : value.written.map { "'\(Printable.text(SecretParts.hidden(in: $0), limit: 60))'" } ?? value.kind
            let message = "\(called) must be \(error.expected)"
            let mended = message.hasSuffix("?") ? message : message + ", not \(found)"
            return (nil, ParameterProblem(parameter: name, severity: .error, message: mended, isAboutName: false))
        }
    }

    private func remarks(on parameter: DeclaredParameter, as name: String) -> [ParameterProblem] {
        var message: String?
        if parameter.flags.contains(.deprecated) {
            message =
                parameter.replacedBy.map { "'\(name)' is deprecated: use '\($0)'" }
                ?? "'\(name)' is deprecated: \(parameter.summary)"
        } else if parameter.flags.contains(.ignored) {
            message = "'\(name)' has no effect: \(parameter.summary)"
        }
        return message.map { [.init(parameter: name, severity: .warning, message: $0, isAboutName: true)] } ?? []
    }

    private func declared(_ name: String) -> DeclaredParameter? {
        parameters.first { $0.name == name || $0.aliases.contains(name) }
    }

    private func unknown(_ name: String) -> ParameterProblem {
        let known = parameters.filter { !$0.flags.contains(.hidden) }.flatMap { [$0.name] + $0.aliases } + hostNames
        var message = "unknown key '\(Printable.text(name, limit: 60))' in cache_params"
        if let nearest = NearestName.nearest(to: name, among: known) {
            message += "; did you mean '\(nearest)'?"
        } else if !known.isEmpty {
            message += "; 'gateway plugins describe \(pluginType)' lists what there is"
        }
        return ParameterProblem(parameter: name, severity: .error, message: message, isAboutName: true)
    }
}
