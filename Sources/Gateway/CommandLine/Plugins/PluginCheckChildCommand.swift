import ArgumentParser
import Configuration
import PluginConformance

/// `gateway plugins check-one`: runs one check, for `gateway plugins check`.
struct PluginCheckChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "check-one", shouldDisplay: false)

    @OptionGroup var subject: CheckSubject

    @Option var check: String

    func run() throws {
        var assignment = CheckChild.Assignment(
            check: check,
            library: subject.plugin ?? "",
            seed: subject.seed ?? 0,
            patience: subject.patience
        )
        assignment.configured = CheckSubject.values(subject.parameters)
        assignment.impossible = subject.impossible.isEmpty ? nil : CheckSubject.values(subject.impossible)
        assignment.backends = subject.backend
        assignment.hostNames = Set(ConfigurationReference.cacheKeys)
        CheckChild.run(assignment)
    }
}
