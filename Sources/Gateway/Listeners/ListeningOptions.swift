import ArgumentParser

/// The options that say where to listen.
struct ListeningOptions: ParsableArguments {
    @Option(help: "The address to listen on; without it HOST of the environment, else 127.0.0.1.")
    var host: String?

    @Option(
        help: "The port to listen on; 0 lets the system choose one; without it PORT of the environment, else 8000."
    )
    var port: Int?

    @Option(
        help: ArgumentHelp(
            "Where to listen, in place of --host and --port; may be repeated.",
            discussion:
                "ADDRESS:PORT, [IPV6]:PORT, unix:/PATH (with ?mode=660 for the permissions of the file, else 600), "
                + "or fd://3 or fd://NAME for a socket that systemd or another supervisor opened. Without it, all sockets "
                + "that were opened so.",
            valueName: "address"
        ),
        transform: { try ListenAddress($0) }
    )
    var listen: [ListenAddress] = []

    @Option(
        help: ArgumentHelp(
            "Where to listen for administration, in the same forms; may be repeated.",
            discussion:
                "/health, /cache/*, /config/* and what else is for the master key is served there and nowhere else, and "
                + "nothing but that. /health/liveliness and /health/readiness are answered at both, here with details.",
            valueName: "address"
        ),
        transform: { try ListenAddress($0) }
    )
    var adminListen: [ListenAddress] = []

    @Flag(
        help: ArgumentHelp(
            "Share the port with other gateways of the same user, so that one starts while another stops.",
            discussion: "Give it to both. A Unix socket is taken over."
        )
    )
    var reusePort = false

    @Flag(help: "Listen beyond this machine although the configuration has no master_key.")
    var allowUnauthenticated = false

    func validate() throws {
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port \(port) is not a port; use 0 to 65535.")
        }
        if !listen.isEmpty, host != nil || port != nil {
            throw ValidationError("--listen takes the place of --host and --port; give one or the other.")
        }
    }
}
