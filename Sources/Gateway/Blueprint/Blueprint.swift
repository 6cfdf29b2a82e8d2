import CallTypes
import Configuration
import Dialects
import Glibc
import NIOCore
import NIOSSL
import OpenTelemetry
import PluginHost
import ResponseCache
import Upstream

/// A valid configuration, checked against the models and the plugin: what a gateway would run.
struct Blueprint {
    /// The cache backend: the loaded plugin and the values that its schema accepted.
    struct Backend {
        let plugin: LoadedPlugin
        let parameters: CheckedParameters
        let settings: CacheSettings
    }

    /// The path of the configuration file, as it was given.
    let path: String
    /// The API families that it was read for.
    let dialects: DialectTable
    let settings: Settings
    let models: ModelDirectory
    /// The paths that lead to other servers.
    let endpoints: [PassThroughEndpoint]
    /// The cache backend. It is nil where caching is off.
    let backend: Backend?
    /// The configuration of the upstream client.
    let upstream: UpstreamConfiguration
    /// How traces are exported. It is nil where they are not.
    let tracing: TracingPlan?
    /// What the file says, value by value.
    let outline: ConfigurationOutline
    /// The files on which all this depends.
    let files: [String]
    /// The certificates of listeners. It is nil where they speak plain HTTP.
    let tls: NIOSSLContext?
    /// Where the environment says to listen.
    let listenEnvironment: ListenEnvironment
    let warnings: [Diagnostic]

    /// Reads everything and reports all errors at once. It loads the plugin but makes no instance of it, so that
    /// nothing connects or listens.
    ///
    /// - Parameter plugins: where the plugins are. If it is nil, none is loaded, its parameters are not checked, and there
    ///   is no backend.
    static func read(
        from path: String,
        environmentFile: String?,
        plugins: PluginDirectory?,
        requiresPins: Bool = false,
        dialects: DialectTable = .served,
        environment: [String: String] = ProcessEnvironment.variables()
    ) throws(WrongConfiguration) -> Blueprint {
        let calls = dialects.types
        let loaded = ConfigurationLoader.load(
            path: path,
            environmentFile: environmentFile,
            processEnvironment: environment,
            calls: calls
        )
        var diagnostics = loaded.diagnostics
        let settings = loaded.settings
        let (models, problems) = ModelDirectory.make(
            settings.models.map(DeploymentDescription.init),
            aliases: settings.routing.aliases.map(ModelAlias.init),
            fallbacks: FallbackRules(settings.routing),
            defaults: DeploymentDefaults(settings),
            calls: calls
        ) { loaded.environment[$0] }
        for problem in problems where settings.models.indices.contains(problem.index) {
            let model = settings.models[problem.index]
            let position = model.position(of: problem.member)
            // A key that is missing because its variable is not set has been reported already.
            if diagnostics.contains(where: { $0.isError && $0.position == position }) { continue }
            let disabling = problem.severity == .disabled ? "model '\(model.name)' is disabled: " : ""
            diagnostics.append(
                Diagnostic(
                    problem.severity == .error ? .error : .warning,
                    at: position,
                    disabling + problem.description
                )
            )
        }
        if let position = settings.modelListPosition, settings.models.isEmpty, !diagnostics.contains(where: \.isError) {
            let message = "model_list is empty, so no request could be answered; add a model"
            diagnostics.append(Diagnostic(.error, at: position, message))
        }
        if !diagnostics.contains(where: \.isError) {
            diagnostics += settings.routing.references.compactMap { $0.diagnostic(in: models) }
            diagnostics += settings.routing.cachingGroups.joined().compactMap { $0.diagnosticOfPattern(in: models) }
            diagnostics += ModelCacheRules.diagnostics(settings.models)
            diagnostics += settings.keys.flatMap { $0.diagnostics(in: models) }
        }
        diagnostics += (try? ClientKeys.diagnostics(settings)) ?? []
        let endpoints = PassThroughEndpoint.make(settings, calls: calls, diagnostics: &diagnostics)
        var backend: Backend?
        if let cache = settings.cache, let plugins {
            backend = Self.backend(
                cache,
                in: plugins,
                requiresPins: requiresPins,
                environment: loaded.environment,
                diagnostics: &diagnostics
            )
        }
        let (proxies, misreadings) = ProxySettings.make { loaded.environment[$0] }
        for misreading in misreadings {
            diagnostics.append(Diagnostic(.error, at: SourcePosition(file: "environment"), misreading))
        }
        var tracing: TracingPlan?
        do {
            tracing = try TracingPlan.make { loaded.environment[$0] }
            for warning in tracing?.settings.warnings ?? [] {
                diagnostics.append(Diagnostic(.warning, at: SourcePosition(file: "environment"), warning))
            }
        } catch {
            diagnostics.append(Diagnostic(.error, at: SourcePosition(file: "environment"), error.description))
        }
        let tls = ServerTLS.make(settings.tls, diagnostics: &diagnostics)
        diagnostics.sort { $0.position < $1.position }
        if diagnostics.contains(where: \.isError) { throw WrongConfiguration(diagnostics: diagnostics) }
        return Blueprint(
            path: path,
            dialects: dialects,
            settings: settings,
            models: models,
            endpoints: endpoints,
            backend: backend,
            upstream: UpstreamConfiguration(
                tls: UpstreamTLS(trustRootsFile: loaded.environment["SSL_CERT_FILE"]),
                proxies: proxies
            ),
            tracing: tracing,
            outline: loaded.outline,
            files: loaded.files + trustFiles(settings, loaded.environment) + (settings.tls?.paths ?? []),
            tls: tls,
            listenEnvironment: ListenEnvironment(
                host: loaded.environment["HOST"],
                port: loaded.environment["PORT"]
            ),
            warnings: diagnostics.filter { !$0.isError }
        )
    }

    /// The files of certificates that are trusted.
    private static func trustFiles(_ settings: Settings, _ environment: [String: String]) -> [String] {
        let verifications = settings.models.map(\.verification) + [settings.routing.verification]
        let files = verifications.compactMap { verification -> String? in
            if case .file(let file) = verification { file } else { nil }
        }
        return Set(files + [environment["SSL_CERT_FILE"]].compactMap { $0 }).sorted()
    }

    /// Reads the trusted certificates, so that a mistake is found now and no event loop has to read them.
    func loadCertificates() throws(CannotServe) {
        let groups = models.groups + endpoints.map(\.group)
        let origins = groups.flatMap { $0.deployments.compactMap(\.origin) }
        guard origins.contains(where: { $0.hasPrefix("https:") }) else { return }
        do {
            try upstream.tls.load()
        } catch {
            let detail = error.detail.map { " (\($0))" } ?? ""
            throw CannotServe("\(error)\(detail); install ca-certificates, or name a file of them in SSL_CERT_FILE")
        }
    }

    /// The models that share cached answers with one another.
    var cachingGroups: [[ModelGroup]] {
        settings.routing.cachingGroups.map { $0.compactMap { models.group(named: $0.model) } }
    }

    /// The calls that there are.
    var calls: CallTable { dialects.types }

    /// Refuses a configuration without a model that can be used, unless it leads to other servers. Its file may be valid, as a part of another one or for
    /// LiteLLM, so that `check` accepts it.
    ///
    /// - Throws: `WrongConfiguration` with the warnings and what is missing.
    func requireModels() throws(WrongConfiguration) {
        guard models.groups.isEmpty, endpoints.isEmpty else { return }
        let isDisabled = settings.modelListPosition != nil
        let message =
            isDisabled
            ? "no model of model_list can be used, for the reasons given; add one that is supported"
            : "the gateway does not start without a model; add a model_list"
        let position = settings.modelListPosition ?? SourcePosition(file: path)
        throw WrongConfiguration(diagnostics: warnings + [Diagnostic(.error, at: position, message)])
    }

    /// The reason for this backend, where the file does not name it itself.
    private static func because(_ cache: CacheSettings) -> String {
        cache.typePosition == cache.position ? " (\(cache.typeReason))" : ""
    }

    private static func backend(
        _ cache: CacheSettings,
        in directory: PluginDirectory,
        requiresPins: Bool,
        environment: [String: String],
        diagnostics: inout [Diagnostic]
    ) -> Backend? {
        let pin = cache.pin.flatMap { FileDigest($0.sha256) }
        if requiresPins, pin == nil {
            let message =
                "cache_params has no plugin_sha256 for the plugin '\(cache.type)', which --require-pins requires; "
                + "'gateway plugins list' prints the digest"
            diagnostics.append(Diagnostic(.error, at: cache.typePosition, message))
            return nil
        }
        let plugin: LoadedPlugin
        do {
            plugin = try PluginLoader.standard(directory).load(PluginType(cache.type), pin: pin)
        } catch {
            let position = error.code == .wrongDigest ? cache.pin?.position : nil
            diagnostics.append(
                Diagnostic(.error, at: position ?? cache.typePosition, "\(error)\(Self.because(cache))")
            )
            return nil
        }
        if let remark = plugin.facts.remark {
            diagnostics.append(Diagnostic(.warning, at: cache.typePosition, "\(plugin.path) \(remark)"))
        }
        let namespace = cache.namespace ?? "gateway"
        let longestKey = CacheKey.longest(namespaceLength: namespace.utf8.count)
        if let limit = plugin.limits.keyBytes, limit < longestKey {
            diagnostics.append(
                Diagnostic(
                    .error,
                    at: cache.namespacePosition ?? cache.typePosition,
                    "\(plugin.title) takes keys of at most \(limit) bytes, and under the namespace '\(namespace)' the "
                        + "gateway's have up to \(longestKey); shorten 'namespace' in cache_params by "
                        + "\(longestKey - limit) bytes"
                )
            )
        }
        let given = cache.parameters.map { ($0.name, PluginParameterValue($0, of: plugin)) }
        let outcome = ParameterChecker(
            pluginType: cache.type,
            parameters: plugin.parameters,
            hostNames: ConfigurationReference.cacheKeys
        )
        .check(
            given,
            environment: environment,
            elsewhere: ParameterOwners(directory: directory, type: cache.type, mayLoad: !requiresPins).remark
        )
        let declared = cache.parameters.filter { plugin.declares($0.name) }
        diagnostics += declared.flatMap(\.remarks)
        // A parameter that lacks a value because its variable is not set has been reported, so that its consequences
        // are not.
        let unset = Set(declared.filter { $0.remarks.contains(where: \.isError) }.map(\.name))
        for problem in outcome.problems where !unset.contains(problem.parameter) {
            let parameter = cache.parameters.first { $0.name == problem.parameter }
            let position = problem.isAboutName ? parameter?.keyPosition : parameter?.valuePosition
            diagnostics.append(
                Diagnostic(
                    problem.severity == .error ? .error : .warning,
                    at: position ?? cache.position,
                    problem.message
                )
            )
        }
        if !outcome.hasErrors, unset.isEmpty {
            do {
                try PluginInstance.validate(plugin, parameters: outcome.values)
            } catch {
                diagnostics.append(Diagnostic(.error, at: cache.position(of: error, from: plugin), "\(error)"))
            }
        }
        return Backend(plugin: plugin, parameters: outcome.values, settings: cache)
    }
}

extension CacheSettings {
    /// The position of the value that a plugin complains about: the parameter that it states, or else the first that
    /// its sentence names.
    fileprivate func position(of error: PluginError, from plugin: LoadedPlugin) -> SourcePosition {
        if let name = error.parameter {
            let declared = plugin.parameters.first { $0.name == name }
            let names = [name] + (declared?.aliases ?? [])
            if let parameter = parameters.first(where: { names.contains($0.name) }) { return parameter.valuePosition }
        }
        let words = error.message.dropFirst(plugin.title.count).split { $0 != "_" && !$0.isLetter && !$0.isNumber }
        for word in words {
            if let parameter = parameters.first(where: { $0.name == word }) { return parameter.valuePosition }
        }
        return position
    }
}

/// All errors of a configuration, and its warnings.
struct WrongConfiguration: Error, CustomStringConvertible {
    let diagnostics: [Diagnostic]

    var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Where the environment of the process, or its `.env` file, says to listen.
struct ListenEnvironment {
    /// The value of `HOST`.
    var host: String?
    /// The value of `PORT`.
    var port: String?
}

/// The environment of this process.
enum ProcessEnvironment {
    /// The value of one variable. It is nil where the variable is not set.
    static func value(of name: String) -> String? { getenv(name).map { String(cString: $0) } }

    static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }
}

/// The default location of plugins.
enum PluginLocation {
    /// It is `../lib/gateway` beside the executable if that exists, as after `make install`. Otherwise it is the
    /// executable's own directory, as after a build.
    static func standard() -> String {
        let executable = executableDirectory()
        let installed = executable + "/../lib/gateway"
        return access(installed, F_OK) == 0 ? installed : executable
    }

    private static func executableDirectory() -> String {
        guard let path = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(path) }
        let text = String(cString: path)
        guard let slash = text.lastIndex(of: "/") else { return "." }
        return slash == text.startIndex ? "/" : String(text[..<slash])
    }
}
