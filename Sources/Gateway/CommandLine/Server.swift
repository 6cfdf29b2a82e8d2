import ArgumentParser
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The life of a serving gateway, on the main thread: start, wait for a signal, drain, stop.
struct Server {
    static func run(source: SourceOptions, serving: ServingOptions) throws {
        let signals = StopSignals.blocked()
        let blueprint = try Blueprint.drawn(from: source)
        try refuseOpenListening(serving, hasKey: blueprint.settings.masterKey != nil)
        let log = logger(serving, isVerbose: blueprint.settings.isVerbose)
        for warning in blueprint.warnings { log.warning("\(warning)") }

        let group = MultiThreadedEventLoopGroup(numberOfThreads: serving.loops ?? Processors.usable())
        let service = try Service.assembled(from: blueprint, log: log)
        let workers = try service.makeWorkers(on: group)
        let listener: Listener
        do {
            listener = try Listener.bind(host: serving.host, port: serving.port, group: group, workers: workers)
        } catch {
            throw CannotServe(
                "cannot listen on \(serving.host) port \(serving.port): \(error); is another server there? "
                    + "Choose another with --port.")
        }
        log.notice("listening on http://\(displayed(serving.host)):\(listener.address?.port ?? serving.port)")

        let signal = signals.wait()
        log.notice("stopping", metadata: ["signal": "\(signal)"])
        // A second signal ends the process at once.
        signals.restore()
        try? listener.channel.close().wait()
        drain(workers, within: service.limits.drainTimeout, log: log)
        service.stop()
        log.notice("stopped")
        // Plugins are never unloaded and their libraries' exit handlers are not to be trusted: leave directly.
        fflush(stdout)
        _exit(0)
    }

    private static func drain(_ workers: WorkerTable, within limit: TimeAmount, log: Logger) {
        let drained = workers.stop()
        if !drained.wait(for: limit) {
            log.warning("requests were still open after \(limit.nanoseconds / 1_000_000_000) s and are cut off")
            workers.forEach { $0.abandon() }
        }
    }

    private static func logger(_ serving: ServingOptions, isVerbose: Bool) -> Logger {
        let level = serving.logLevel ?? (isVerbose ? .debug : .info)
        return Logger(label: "gateway") { _ in LineLogHandler(logLevel: level, format: serving.logFormat) }
    }

    private static func refuseOpenListening(_ serving: ServingOptions, hasKey: Bool) throws {
        if hasKey || serving.allowUnauthenticated || isLoopback(serving.host) { return }
        throw CannotServe(
            "refusing to listen on \(serving.host) without a key: anybody who reaches it could spend your provider's "
                + "money. Set general_settings.master_key, listen on 127.0.0.1, or pass --allow-unauthenticated.",
            code: .wrongConfiguration)
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

/// Why the gateway does not run, in one line.
struct CannotServe: Error, CustomStringConvertible {
    let description: String
    let code: ExitCode

    init(_ description: String, code: ExitCode = .failure) {
        self.description = description
        self.code = code
    }
}
