import ArgumentParser
import CallTypes
import Configuration
import CrashReport
import Glibc
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Upstream

/// The life of a serving gateway, on the main thread: start, wait for a signal, drain, stop.
struct ServeCommand {
    static func run(
        source: SourceOptions,
        plugins: PluginOptions,
        pins: PinOptions,
        serving: ServingOptions,
        changing: ChangingOptions
    ) throws {
        let signals = StopSignals.blocked()
        crash_report_use_json(serving.logFormat == .json ? 1 : 0)
        let service = try notifier()
        let path = try source.configurationPath()
        let files = Reloader.Source(
            path: path,
            environmentFile: source.envFile,
            plugins: plugins.directory,
            requiresPins: pins.requirePins
        )
        let blueprint = try files.blueprint()
        try refuseOpenListening(serving, hasKey: blueprint.settings.requiresKey)
        let output = try ServingLog(serving, isVerbose: blueprint.settings.isVerbose)
        // An error that ends this function early is printed after everything that has been logged.
        defer { output.flush() }
        let log = output.logger
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
            output.flush()
            _exit(0)
        } catch {
            throw CannotServe("\(error)", code: .wrongConfiguration)
        }
        try blueprint.loadCertificates()
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
        let pidFile = try pidFile(changing)
        crash_report_expect_no_exit()
        log.notice("listening on http://\(displayed(serving.host)):\(listener.address?.port ?? serving.port)")
        if !service.notify(.ready) {
            log.warning("the service manager that NOTIFY_SOCKET names cannot be told anything")
        }
        let watchdog = watchdog(service, gateway.loops)

        group.next().scheduleRepeatedTask(initialDelay: LimitedLog.interval, delay: LimitedLog.interval) { _ in
            limitedLog.reportOmitted()
        }
        let watch = changing.watch ? ConfigurationWatch(blueprint.files) { kill(getpid(), SIGHUP) } : nil
        let reloader = try Reloader(files, gateway, first: blueprint, statusPath: pidFile?.statusPath) { next in
            try refuseOpenListening(serving, hasKey: next.settings.requiresKey)
            return {
                watch?.watch(next.files)
                output.adopt(isVerbose: next.settings.isVerbose)
            }
        }
        watch?.start()
        let signal = signals.wait { request in
            switch request {
            case .reload:
                service.notify(ServiceNotifier.reloadingNow())
                reloader.reload()
                service.notify(.ready)
            case .unknown(let name): log.notice("\(name) has no meaning here and is ignored")
            }
        }
        log.notice("stopping", metadata: ["signal": "\(signal)"])
        // A second signal ends the process at once.
        signals.restore()
        withExtendedLifetime(watchdog) {
            StopSequence(
                gateway: gateway,
                group: group,
                listener: listener,
                output: output,
                service: service,
                pidFile: pidFile
            ).run()
        }
    }

    /// The service manager that started the process, if one did.
    private static func notifier() throws -> ServiceNotifier {
        do {
            return try ServiceNotifier(socket: ProcessEnvironment.value(of: "NOTIFY_SOCKET"))
        } catch {
            throw CannotServe("\(error)")
        }
    }

    /// Tells the service manager that the gateway responds, where it wants to be told. It ends with the value that is
    /// returned.
    private static func watchdog(_ service: ServiceNotifier, _ loops: ServerLoops) -> Watchdog? {
        let interval = WatchdogInterval(
            microseconds: ProcessEnvironment.value(of: "WATCHDOG_USEC"),
            process: ProcessEnvironment.value(of: "WATCHDOG_PID")
        )
        guard service.isActive, let interval else { return nil }
        return Watchdog(interval, askLoops: loops.forEachEntering) { service.notify(.alive) }
    }

    private static func pidFile(_ options: ChangingOptions) throws -> PIDFile? {
        guard let path = options.file.pidFile else { return nil }
        do {
            return try PIDFile.write(path)
        } catch {
            throw CannotServe("\(error); name another with --pid-file.")
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }

    /// The log line about what starts, and with which configuration.
    private static func greeting(_ blueprint: Blueprint, _ path: String) -> String {
        let models = blueprint.models.groups.count
        let deployments = blueprint.models.groups.reduce(0) { $0 + $1.deployments.count }
        return "gateway \(Version.description) starts with \(path): \(models) model\(models == 1 ? "" : "s"), "
            + "\(deployments) deployment\(deployments == 1 ? "" : "s")"
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
