import ArgumentParser

/// `gateway keys`: makes keys for tenants.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make keys for clients.",
        subcommands: [New.self]
    )
}
