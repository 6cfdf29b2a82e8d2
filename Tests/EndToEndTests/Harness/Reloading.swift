import Foundation

extension GatewayProcess {
    /// The argument that makes the gateway write its pid file into its directory.
    static let pidFile = ["--pid-file", "gateway.pid"]

    /// Replaces the configuration file, as a deployment does: at once as a whole.
    ///
    /// - Parameter text: the text, in which `UPSTREAM` stands for the upstream's address.
    func configure(_ text: String, _ upstream: RecordingUpstream) throws {
        let next = try directory.write(text.replacingOccurrences(of: "UPSTREAM", with: upstream.url), to: "next.yaml")
        guard rename(next.path, directory.url.appending(path: "config.yaml").path) == 0 else {
            throw HarnessError("config.yaml cannot be replaced")
        }
    }

    /// Runs `gateway reload` for this gateway, which was started with `pidFile`.
    func reload() async throws -> Command.Result { try await ask(["reload", "--pid-file", "gateway.pid"]) }

    /// Runs a command of the gateway in this gateway's directory.
    func ask(_ arguments: [String], environment: [String: String] = [:]) async throws -> Command.Result {
        try await Command.run(Repository.gateway, arguments, directory: directory.url, environment: environment)
    }
}
