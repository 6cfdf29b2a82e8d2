import ArgumentParser
import CallTypes
import Configuration
import CrashReport
import Dispatch
import Glibc
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Upstream

/// The life of a serving gateway, on the main thread: start, wait for a signal, drain, stop.
struct ServeCommand {
    static func run(source: SourceOptions, plugins: PluginOptions, pins: PinOptions, serving: ServingOptions) throws {
        let signals = StopSignals.blocked()
        crash_report_use_json(serving.logFormat == .json ? 1 : 0)
        let path = try source.configurationPath()
        let blueprint = try Blueprint.read(
            from: path,
            environmentFile: source.envFile,
            plugins: plugins.directory,
            requiresPins: pins.requirePins
        )
        try blueprint.requireModels()
        try refuseOpenListening(serving, hasKey: blueprint.settings.masterKey != nil)
        let writer = try logWriter(serving.logFormat)
        // An error that ends this function early is printed after everything that has been logged.
        defer { writer.flush(within: flushMilliseconds) }
        let log = logger(serving, isVerbose: blueprint.settings.isVerbose, writer)
        let limitedLog = LimitedLog(log)
        log.notice("\(greeting(blueprint, path))")
        for warning in blueprint.warnings { log.warning("\(warning.position): \(warning.message)") }

        let descriptors = DescriptorLimit.raised()
        let loops = serving.loops ?? Processors.usable()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let resources = ServerResources(
            descriptors: descriptors,
            memoryOption: serving.memoryLimit?.bytes,
            eventLoops: loops,
            isStopping: StopSignals.isStopPending,
            log: log,
            limitedLog: limitedLog
        )
        let gateway: RunningGateway
        do {
            gateway = try RunningGateway(blueprint, resources, on: group)
        } catch let error as PluginError where error.code == .interrupted {
            log.notice("stopping", metadata: ["reason": "\(error)"])
            writer.flush(within: flushMilliseconds)
            _exit(0)
        } catch {
            throw CannotServe("\(error)", code: .wrongConfiguration)
        }
        try loadCertificates(gateway.current)
        let listener: Listener
        do {
            listener = try Listener.bind(
                host: serving.host,
                port: serving.port,
                group: group,
                loops: gateway.loops,
                resources: resources
            )
        } catch {
            throw CannotServe(
                "cannot listen on \(serving.host) port \(serving.port): \(reason(error)); "
                    + "choose another with --host and --port."
            )
        }
        crash_report_expect_no_exit()
        log.notice("listening on http://\(displayed(serving.host)):\(listener.address?.port ?? serving.port)")

        group.next().scheduleRepeatedTask(initialDelay: LimitedLog.interval, delay: LimitedLog.interval) { _ in
            limitedLog.reportOmitted()
        }
        let signal = signals.wait { request in
            switch request {
            case .reload:
                log.notice(
                    "SIGHUP does not reload the configuration in this version; restart the gateway to apply a change"
                )
            case .unknown(let name): log.notice("\(name) has no meaning here and is ignored")
            }
        }
        log.notice("stopping", metadata: ["signal": "\(signal)"])
        // A second signal ends the process at once.
        signals.restore()
        gateway.loops.forEach { $0.becomeUnready() }
        serveOn(for: gateway.current.limits.drainDelay, log: log)
        let cutOff = cutOff(after: gateway.current.limits.drainTimeout, gateway.loops, log, writer)
        try? listener.channel.close().wait()
        gateway.drain(on: group, within: gateway.current.limits.drainTimeout)
        cutOff.cancel()
        gateway.stopBackend()
        limitedLog.reportOmitted(isLast: true)
        log.notice("stopped")
        writer.flush(within: flushMilliseconds)
        // Plugins are never unloaded and the exit handlers of their libraries are not to be trusted, so the process
        // exits directly.
        _exit(0)
    }

    /// How long an event loop may take to answer after the drain.
    private static let graceOfHeldLoops = DispatchTimeInterval.seconds(1)

    /// Ends the process after `limit` if an event loop does not answer then: one that a plugin holds can neither be
    /// drained nor stopped. The caller cancels it when the drain is over.
    private static func cutOff(
        after limit: TimeAmount,
        _ loops: ServerLoops,
        _ log: Logger,
        _ writer: LogWriter
    ) -> DispatchWorkItem {
        let item = DispatchWorkItem {
            let answers = DispatchGroup()
            loops.forEachEntering(answers)
            guard answers.wait(timeout: .now() + graceOfHeldLoops) == .timedOut else { return }
            log.error("an event loop does not respond, and the gateway stops without it; its requests are lost")
            writer.flush(within: flushMilliseconds)
            _exit(1)
        }
        let nanoseconds = Int(clamping: limit.nanoseconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds), execute: item)
        return item
    }

    /// Gives load balancers time to see that the gateway is no longer ready.
    private static func serveOn(for delay: TimeAmount, log: Logger) {
        guard delay > .zero else { return }
        log.notice("serving on for \(delay.nanoseconds / 1_000_000) ms; /health/readiness answers 503")
        var rest = timespec(
            tv_sec: Int(delay.nanoseconds / 1_000_000_000),
            tv_nsec: Int(delay.nanoseconds % 1_000_000_000)
        )
        var pause = rest
        while nanosleep(&pause, &rest) != 0, errno == EINTR { pause = rest }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }

    /// Reads the trusted certificates now, rather than on an event loop when the first request needs them.
    private static func loadCertificates(_ generation: Generation) throws {
        let groups = generation.models.groups + generation.endpoints.map(\.group)
        let origins = groups.flatMap { $0.deployments.compactMap(\.origin) }
        guard origins.contains(where: { $0.hasPrefix("https:") }) else { return }
        do {
            try generation.upstream.tls.load()
        } catch {
            let detail = error.detail.map { " (\($0))" } ?? ""
            throw CannotServe("\(error)\(detail); install ca-certificates, or name a file of them in SSL_CERT_FILE")
        }
    }

    /// The log line about what starts, and with which configuration.
    private static func greeting(_ blueprint: Blueprint, _ path: String) -> String {
        let models = blueprint.models.groups.count
        let deployments = blueprint.models.groups.reduce(0) { $0 + $1.deployments.count }
        return "gateway \(Version.description) starts with \(path): \(models) model\(models == 1 ? "" : "s"), "
            + "\(deployments) deployment\(deployments == 1 ? "" : "s")"
    }

    /// How long the process may wait at its end for the log to be read.
    private static let flushMilliseconds = 1_000

    private static func logWriter(_ format: LogFormat) throws -> LogWriter {
        try LogWriter { count, gap in
            let lines = "\(count) log line\(count == 1 ? " was" : "s were")"
            let text =
                switch gap {
                case .unread: "\(lines) dropped because the log was not read"
                case .refused(let code): "\(lines) lost: \(String(cString: strerror(code)))"
                }
            return format.line(level: .warning, message: text)
        }
    }

    private static func logger(_ serving: ServingOptions, isVerbose: Bool, _ writer: LogWriter) -> Logger {
        let level = serving.logLevel ?? (isVerbose ? .debug : .info)
        return Logger(label: "gateway") { _ in
            LineLogHandler(logLevel: level, format: serving.logFormat, writer: writer)
        }
    }

    private static func refuseOpenListening(_ serving: ServingOptions, hasKey: Bool) throws {
        if hasKey || serving.allowUnauthenticated || isLoopback(serving.host) { return }
        throw CannotServe(
            "refusing to listen on \(serving.host) without a key: anybody who reaches it could spend your provider's "
                + "money. Set general_settings.master_key, listen on 127.0.0.1, or pass --allow-unauthenticated.",
            code: .wrongConfiguration
        )
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return false }
        return address.description.contains("]127.") || host.hasPrefix("127.")
    }

    private static func displayed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}
