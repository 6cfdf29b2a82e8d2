import NIOCore
import PluginAPI

extension PluginInstance {
    /// [control] Makes an instance, without waiting for the backend. It waits for the plugin's create function, but not
    /// longer than `Settings.callBudget`.
    ///
    /// - Parameters:
    ///   - name: the name of the instance in logs.
    ///   - parameters: parameters that were checked without an error. The copies of secrets made for the plugin are
    ///     overwritten.
    ///   - hostVersion: the gateway's own version.
    /// - Throws: `createFailed`, `callOverran`, or `interrupted` where the process was asked to stop meanwhile.
    public static func create(
        _ plugin: LoadedPlugin,
        name: String,
        parameters: CheckedParameters,
        hostVersion: String,
        settings: Settings,
        log: PluginLog
    ) throws(PluginError) -> PluginInstance {
        let reported = Reported()
        let tell = { @Sendable (level: PluginLog.Level, message: String) in
            log.write(level, name, message)
            settings.stateChanged(level > .info, message)
        }
        let breakers = breakers(plugin, clock: settings.clock, log: tell)
        let services = HostServices(
            name: name,
            title: plugin.title,
            log: log,
            secrets: parameters.secrets,
            clock: settings.clock,
            ports: settings.eventLoops
        ) { report in
            guard reported.change(to: report) else { return }
            let level: PluginLog.Level = report.state == .up ? .info : .warning
            tell(level, "\(plugin.title) reports its backend \(report.state): \(report.reason)")
            switch report.state {
            case .down: breakers.reportedDown(report.reason)
            case .up: breakers.reportedUp()
            case .degraded: break
            }
        }
        let host = HostStruct(
            pointer: services.makeHost(
                hostVersion: hostVersion,
                ioThreads: settings.ioThreads,
                maxInFlight: settings.inFlightPerLoop &* settings.eventLoops,
                largestValue: settings.largestValue,
                blockingThreads: plugin.blockingThreads(atMost: settings.blockingThreads)
            )
        )
        let control = ControlCalls(title: plugin.title, isInterrupted: settings.isInterrupted) { message in
            services.write(.warning, message)
        }
        let created: Created
        do {
            created = try control.run(.create, budget: settings.callBudget) {
                Created(plugin, parameters, host)
            }
        } catch {
            throw PluginError(error, plugin, budget: settings.callBudget)
        }
        guard created.status == GW_OK, let cache = created.cache else {
            throw PluginError(
                .createFailed,
                plugin,
                status: created.status == GW_OK ? GW_EINTERNAL : created.status,
                created.error,
                Redaction(secrets: parameters.secrets)
            )
        }
        return PluginInstance(
            plugin: plugin,
            name: name,
            services: services,
            breakers: breakers,
            control: control,
            cache: cache,
            settings: settings,
            reported: reported
        )
    }

    /// [any thread] Lets the plugin check parameters against one another. Nothing is opened or connected.
    public static func validate(_ plugin: LoadedPlugin, parameters: CheckedParameters) throws(PluginError) {
        guard let validate = plugin.functions.validate else { return }
        var error = gw_error.empty
        let status = ParameterLending.lend(parameters) { lent in
            CallMark.once(plugin.title, .validate) { validate(lent, &error) }
        }
        guard status != GW_OK else { return }
        throw PluginError(
            .invalidParameters,
            plugin,
            status: status,
            error,
            Redaction(secrets: parameters.secrets)
        )
    }

    /// The breakers of a new instance. Each change is logged once.
    private static func breakers(
        _ plugin: LoadedPlugin,
        clock: PluginClock,
        log: @escaping @Sendable (PluginLog.Level, String) -> Void
    ) -> BackendBreakers {
        // The reason is in the log already: as the failure of an operation, or as the plugin's report.
        func breaker(_ effect: String, _ recovery: String, unless other: SharedBreaker? = nil) -> SharedBreaker {
            SharedBreaker(settings: Breaker.Settings(), clock: clock) { event in
                // An outage of both is one outage.
                guard other?.outage == nil else { return }
                switch event {
                case .opened: log(.warning, "\(plugin.title) has failed too often and \(effect)")
                case .closed: log(.info, "\(plugin.title) \(recovery)")
                }
            }
        }
        let lookups = breaker("is left alone for a while; requests go uncached", "is in use again")
        return BackendBreakers(
            lookups: lookups,
            writes: breaker(
                "is not written to for a while; answers are not stored",
                "is written to again",
                unless: lookups
            ),
            pings: PingRecord { event in
                switch event {
                case .failing(let reason): log(.warning, "\(plugin.title) does not answer pings: \(reason)")
                case .answered: log(.info, "\(plugin.title) answers pings again")
                }
            }
        )
    }
}

/// The host's struct for a plugin. It is `@unchecked Sendable` because it is constant and never freed.
private struct HostStruct: @unchecked Sendable {
    let pointer: UnsafePointer<gw_host>
}

/// What create returned.
///
/// It is `@unchecked Sendable` because the handle is a constant, and is given only to functions that the interface lets
/// the calling threads call.
private struct Created: @unchecked Sendable {
    let status: Int32
    let cache: OpaquePointer?
    let error: gw_error

    /// [control] Calls create.
    init(_ plugin: LoadedPlugin, _ parameters: CheckedParameters, _ host: HostStruct) {
        var error = gw_error.empty
        var cache: OpaquePointer?
        status = ParameterLending.lend(parameters) { plugin.functions.create(host.pointer, $0, &error, &cache) }
        self.cache = cache
        self.error = error
    }
}

extension PluginError {
    /// The refusal of a plugin, in its own words where it has some.
    init(_ code: Code, _ plugin: LoadedPlugin, status: Int32, _ error: gw_error, _ redaction: Redaction) {
        let reason =
            error.text.map { Printable.text(redaction.clean($0)) } ?? OperationFailure(status: status).description
        self.init(
            code,
            path: plugin.path,
            parameter: error.parameterName.flatMap { name in
                plugin.parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.name
            },
            "\(plugin.title): \(reason)"
        )
    }

    /// A call of a plugin that did not return.
    init(_ failure: ControlCalls.Failure, _ plugin: LoadedPlugin, budget: TimeAmount) {
        let seconds = Double(budget.nanoseconds) / 1_000_000_000
        switch failure {
        case .overran(let function):
            self.init(
                .callOverran,
                path: plugin.path,
                "\(plugin.title) has not returned from \(function.name) within \(seconds) s (rule C-7); "
                    + "ask its vendor, or remove it from the configuration"
            )
        case .held(let function):
            self.init(
                .callOverran,
                path: plugin.path,
                "\(plugin.title) has still not returned from \(function.name), and nothing else can be asked of it"
            )
        case .interrupted:
            self.init(.interrupted, path: plugin.path, "\(plugin.title) was not waited for, since the process stops")
        case .noThread:
            self.init(.callOverran, path: plugin.path, "\(plugin.title) cannot be called: there are no more threads")
        }
    }
}
