import Configuration
import Glibc
import Logging
import MetricFamilies
import PluginHost
import ResponseCache

/// Reads the configuration again and puts it in force, all of it or nothing. It is used by the main thread alone.
final class Reloader {
    /// Where the configuration is.
    struct Source {
        let path: String
        let environmentFile: String?
        let plugins: PluginDirectory
        let requiresPins: Bool

        /// Reads everything, and refuses what the gateway cannot serve with.
        func blueprint() throws -> Blueprint {
            let blueprint = try Blueprint.read(
                from: path,
                environmentFile: environmentFile,
                plugins: plugins,
                requiresPins: requiresPins
            )
            try blueprint.requireModels()
            return blueprint
        }

        /// Refuses a configuration that comes from a pipe, as `--config <(command)` names one: it can be read once only, and
        /// waiting for another writer would keep the gateway from stopping.
        func requireFile() throws(CannotServe) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
            throw CannotServe("\(path) is a pipe, which cannot be read again; start the gateway with a file")
        }
    }

    private let source: Source
    private let gateway: RunningGateway
    private let prepare: (Blueprint) throws -> () -> Void
    private let statusPath: String?
    private let log: Logger
    private let salt = ConfigurationSummary.newSalt()
    private var reloads: Reloads { gateway.resources.reloads }
    private var metrics: GatewayMetrics { gateway.resources.observation.metrics }

    /// - Parameters:
    ///   - first: the configuration in force.
    ///   - statusPath: the file in which the last reload is described, if there is one.
    ///   - prepare: refuses a configuration that the process cannot serve with, or returns what is to be done once it is in
    ///     force.
    init(
        _ source: Source,
        _ gateway: RunningGateway,
        first: Blueprint,
        statusPath: String?,
        prepare: @escaping (Blueprint) throws -> () -> Void
    ) throws(SHA256Failure) {
        self.source = source
        self.gateway = gateway
        self.statusPath = statusPath
        self.prepare = prepare
        log = gateway.resources.log
        reloads.began(with: try ConfigurationSummary(first, salt: salt))
        writeStatus()
    }

    /// Reloads, and tells everybody who waits for it. It blocks for as long as the files and the cache plugin take.
    func reload() {
        let waiting = reloads.begin()
        let began = MachineClock.monotonic()
        log.notice("reading the configuration again", metadata: ["file": "\(source.path)"])
        var outcome = ReloadRecord.Outcome.adopted
        var warnings: [String] = []
        var changes: [String] = []
        var summary: ConfigurationSummary?
        do {
            try source.requireFile()
            let blueprint = try source.blueprint()
            let next = try ConfigurationSummary(blueprint, salt: salt)
            let finish = try prepare(blueprint)
            try gateway.replace(with: blueprint)
            finish()
            warnings = blueprint.warnings.map(\.description)
            changes = reloads.summary.map { ConfigurationChanges(from: $0, to: next).lines } ?? []
            summary = next
        } catch let error as WrongConfiguration {
            warnings = error.diagnostics.filter { !$0.isError }.map(\.description)
            outcome = .refused(reasons: error.diagnostics.filter(\.isError).map(\.description))
        } catch {
            outcome = .refused(reasons: ["\(error)"])
        }
        let attempt = ReloadRecord.Attempt(
            began: began,
            ended: MachineClock.coarse().seconds,
            outcome: outcome,
            warnings: warnings,
            changes: changes
        )
        reloads.end(attempt, summary, for: waiting)
        report(attempt)
        writeStatus()
    }

    private func report(_ attempt: ReloadRecord.Attempt) {
        for warning in attempt.warnings { log.warning("\(warning)") }
        let generation = gateway.resources.reloads.record.generation
        switch attempt.outcome {
        case .adopted:
            metrics.count(MetricFamily.Server.reloads, ("result", "adopted"))
            let count = attempt.changes.count
            let what = count == 0 ? "nothing in it has changed" : "\(count) value\(count == 1 ? "" : "s") changed"
            log.notice("the configuration is reloaded: \(what)", metadata: ["generation": "\(generation)"])
            note(.notice, "the configuration is reloaded: \(what) (generation \(generation))")
        case .refused(let reasons):
            metrics.count(MetricFamily.Server.reloads, ("result", "refused"))
            for reason in reasons { log.error("\(reason)") }
            log.error(
                "the configuration is not reloaded; the one before stays in force",
                metadata: ["generation": "\(generation)"]
            )
            // What is wrong may be told of values that are private, which the log alone has.
            let count = "\(reasons.count) error\(reasons.count == 1 ? "" : "s")"
            note(.warning, "the configuration is not reloaded, with \(count); generation \(generation) stays in force")
        }
    }

    private func note(_ severity: GatewayEvent.Severity, _ text: String) {
        gateway.resources.events.note(.reload, severity, text)
    }

    private func writeStatus() {
        guard let statusPath else { return }
        let status = ReloadStatus(reloads.record, reloads.summary)
        if !status.write(to: statusPath) { log.warning("the file \(statusPath) cannot be written") }
    }
}

extension ConfigurationSummary {
    /// - Parameter salt: that of the summary with which this one is compared.
    init(_ blueprint: Blueprint, salt: [UInt8]) throws(SHA256Failure) {
        let backend = blueprint.backend.map { backend in
            let size = backend.settings.maxEntrySize
            return ("\(backend.plugin.type)", "\(backend.plugin.path)\n\(size)\n\(backend.parameters.identity)")
        }
        try self.init(blueprint.outline, backend: backend, salt: salt)
    }
}
