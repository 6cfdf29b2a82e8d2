import ArgumentParser
import CallTypes
import Configuration
import CoreMetrics
import CrashReport
import Glibc
import Instrumentation
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Upstream

/// The life of a serving gateway, on the main thread: start, wait for a signal, drain, stop.
struct ServeCommand {
    let source: SourceOptions
    let plugins: PluginOptions
    let pins: PinOptions
    let serving: ServingOptions
    let access: AccessLogOptions
    let listening: ListeningOptions
    let stopping: StopOptions
    let changing: ChangingOptions

    func run() throws {
        let signals = StopSignals.blocked()
        crash_report_use_json(serving.logFormat == .json ? 1 : 0)
        let service = try ServiceNotifier.ofProcess()
        let passed = try PassedSockets.ofProcess()
        let path = try source.configurationPath()
        let files = Reloader.Source(
            path: path,
            environmentFile: source.envFile,
            plugins: plugins.directory,
            requiresPins: pins.requirePins
        )
        let blueprint = try files.blueprint()
        let plan = try ListenPlan(listening, blueprint.listenEnvironment, passed)
        try refuseOpenListening(plan, hasKey: blueprint.settings.requiresKey)
        let output = try ServingLog(serving, access, isVerbose: blueprint.settings.isVerbose)
        // An error that ends this function early is printed after everything that has been logged.
        defer { output.flush() }
        let log = output.logger
        let limitedLog = LimitedLog(log)
        log.notice("\(greeting(blueprint, path))")
        for warning in blueprint.warnings { log.warning("\(warning.position): \(warning.message)") }

        let descriptors = DescriptorLimit.raised()
        let loops = serving.loops ?? Processors.usable()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let tracing = try blueprint.tracing.map { try TraceExport($0, blueprint.upstream, log: log) }
        if let tracing { InstrumentationSystem.bootstrap(tracing.tracer) }
        let resources = ServerResources(
            descriptors: descriptors,
            memoryOption: serving.memoryLimit?.bytes,
            eventLoops: loops,
            isStopping: StopSignals.isStopPending,
            observation: Observation(accessLog: output.access, tracing: tracing),
            log: log,
            limitedLog: limitedLog
        )
        // What libraries count is in /metrics too.
        MetricsSystem.bootstrap(resources.observation.metrics.registry)
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
        let tls = ListenerTLS(blueprint.tls)
        let listeners = try Listeners(plan, tls: tls, group: group, loops: gateway.loops, resources: resources)
        // A gateway that cannot listen leaves the pid file to the one that does.
        let pidFile = try pidFile()
        crash_report_expect_no_exit()
        listeners.announce()
        resources.events.note(.start, .notice, "gateway \(Version.description) serves \(models(of: blueprint))")
        if !service.notify(.ready) {
            log.warning("the service manager that NOTIFY_SOCKET names cannot be told anything")
        }
        let watchdog = Watchdog.ofProcess(service, gateway.loops)

        group.next().scheduleRepeatedTask(initialDelay: LimitedLog.interval, delay: LimitedLog.interval) { _ in
            limitedLog.reportOmitted()
        }
        let sampling = group.next()
        sampling.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(Int64(SampleRing.interval))) { _ in
            Sampler.sample(gateway.current, on: sampling)
        }
        let watch = changing.watch ? ConfigurationWatch(blueprint.files) { kill(getpid(), SIGHUP) } : nil
        let reloader = try Reloader(files, gateway, first: blueprint, statusPath: pidFile?.statusPath) { next in
            try refuseOpenListening(plan, hasKey: next.settings.requiresKey)
            try tls.check(next.tls)
            return {
                tls.replace(with: next.tls)
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
                listeners: listeners,
                output: output,
                service: service,
                options: stopping,
                pidFile: pidFile
            ).run()
        }
    }

    private func pidFile() throws -> PIDFile? {
        guard let path = changing.file.pidFile else { return nil }
        do {
            return try PIDFile.write(path)
        } catch {
            throw CannotServe("\(error); name another with --pid-file.")
        }
    }

    /// The log line about what starts, and with which configuration.
    private func greeting(_ blueprint: Blueprint, _ path: String) -> String {
        "gateway \(Version.description) starts with \(path): \(models(of: blueprint))"
    }

    private func models(of blueprint: Blueprint) -> String {
        let models = blueprint.models.groups.count
        let deployments = blueprint.models.groups.reduce(0) { $0 + $1.deployments.count }
        return "\(models) model\(models == 1 ? "" : "s"), \(deployments) deployment\(deployments == 1 ? "" : "s")"
    }

    private func refuseOpenListening(_ plan: ListenPlan, hasKey: Bool) throws {
        guard !hasKey, !listening.allowUnauthenticated, let place = plan.firstOpenPlace else { return }
        throw CannotServe(
            "refusing to listen on \(place) without a key: anybody who reaches it could spend your provider's "
                + "money. Set general_settings.master_key, listen on 127.0.0.1, or pass --allow-unauthenticated.",
            code: .wrongConfiguration
        )
    }
}
