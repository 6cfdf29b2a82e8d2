/// What a service manager tells the process in its environment.
extension ServiceNotifier {
    static func ofProcess() throws -> ServiceNotifier {
        do {
            return try ServiceNotifier(socket: ProcessEnvironment.value(of: "NOTIFY_SOCKET"))
        } catch {
            throw CannotServe("\(error)")
        }
    }
}

extension PassedSockets {
    static func ofProcess() throws -> PassedSockets {
        do {
            return try PassedSockets(
                count: ProcessEnvironment.value(of: "LISTEN_FDS"),
                process: ProcessEnvironment.value(of: "LISTEN_PID"),
                names: ProcessEnvironment.value(of: "LISTEN_FDNAMES")
            )
        } catch {
            throw CannotServe("\(error)")
        }
    }
}

extension Watchdog {
    /// Starts to tell the service manager that the gateway responds, if it wants to be told. It ends with the value that is
    /// returned.
    static func ofProcess(_ service: ServiceNotifier, _ loops: ServerLoops) -> Watchdog? {
        let interval = WatchdogInterval(
            microseconds: ProcessEnvironment.value(of: "WATCHDOG_USEC"),
            process: ProcessEnvironment.value(of: "WATCHDOG_PID")
        )
        guard service.isActive, let interval else { return nil }
        return Watchdog(interval, askLoops: loops.forEachEntering) { service.notify(.alive) }
    }
}
