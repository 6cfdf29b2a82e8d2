import ArgumentParser

/// `gateway reload`: has a running gateway read its configuration again.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a running gateway read its configuration again, and print what came of it.",
        discussion: """
            No connection is closed and no request fails. If anything in the configuration is wrong, nothing changes.

            Exit codes: 0 reloaded, 1 not reached, 78 wrong configuration.
            """
    )

    @OptionGroup var running: RunningGatewayOptions

    func run() throws {
        let gateway = try running.gateway()
        let status = try OneLine.orExit { () throws(CannotReach) in try gateway.reload() }
        for warning in status.last?.warnings ?? [] { StandardError.print(warning) }
        switch status.last?.outcome {
        case .adopted:
            let changes = status.last?.changes ?? []
            for change in changes { print(change) }
            print("reloaded: generation \(status.generation)\(changes.isEmpty ? ", in which nothing has changed" : "")")
        case .refused(let reasons):
            for reason in reasons { StandardError.print(reason) }
            StandardError.print("gateway: not reloaded; generation \(status.generation) stays in force")
            throw ExitCode.wrongConfiguration
        case nil:
            StandardError.print("gateway: the gateway does not say what came of the reload")
            throw ExitCode.failure
        }
    }
}
