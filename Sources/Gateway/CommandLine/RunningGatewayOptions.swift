import ArgumentParser
import NIOCore

/// The option that names the pid file. It is a group of its own because the parser passes a group that a command and its
/// parent share to both.
struct PIDFileOption: ParsableArguments {
    @Option(help: "A file for the number of the process; with it 'gateway reload' finds the gateway.")
    var pidFile: String?
}

/// The options for a gateway that is changed while it serves.
struct ChangingOptions: ParsableArguments {
    @OptionGroup var file: PIDFileOption

    @Flag(help: "Reload the configuration whenever its file, .env or certificates change.")
    var watch = false
}

/// The options with which a command finds a running gateway.
struct RunningGatewayOptions: ParsableArguments {
    @OptionGroup var file: PIDFileOption

    @Option(
        help: ArgumentHelp(
            "The running gateway's address: http://HOST:PORT or unix:/PATH.",
            discussion: "Its master key is taken from the environment variable GATEWAY_MASTER_KEY."
        )
    )
    var admin: String?

    @Option(help: "How long to wait for the gateway, in seconds.")
    var timeout = 30

    func validate() throws {
        guard (1...3_600).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is out of range; use 1 to 3600.")
        }
        if file.pidFile != nil, admin != nil {
            throw ValidationError("Two ways to the gateway are named, --pid-file and --admin; name one.")
        }
    }

    /// The way to the gateway.
    func gateway() throws -> any ReachableGateway {
        if let path = file.pidFile { return GatewayProcess(pidFile: path, timeout: timeout) }
        guard let admin else {
            throw ValidationError("No gateway is named; add --pid-file FILE, or --admin http://HOST:PORT.")
        }
        guard let address = AdministrationClient.Address(admin) else {
            throw ValidationError("--admin \(admin) is no address; use http://HOST:PORT or unix:/PATH.")
        }
        let environment = ProcessEnvironment.variables()
        return AdministrationClient(address, key: environment["GATEWAY_MASTER_KEY"], timeout: timeout)
    }
}

/// A running gateway, as another process reaches it.
protocol ReachableGateway {
    /// Has the configuration read again, and returns what came of it.
    func reload() throws(CannotReach) -> ReloadStatus
    /// What the configuration in force says.
    func status() throws(CannotReach) -> ReloadStatus
}

/// Why a running gateway is not reached, in one line.
struct CannotReach: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
