import PluginAPI
import Synchronization

/// One property of a plugin that is checked.
public struct ConformanceCheck: Sendable {
    /// The property of a conformant plugin, as a sentence.
    public let name: String
    /// The rules that are checked.
    public let rules: [Rule]
    /// Whether it examines the process as a whole, and so must be run while nothing else runs in the process.
    public let needsProcess: Bool
    let body: @Sendable (Trial) throws -> Void

    init(
        _ name: String,
        _ rules: [Rule],
        needsProcess: Bool = false,
        _ body: @escaping @Sendable (Trial) throws -> Void
    ) {
        self.name = name
        self.rules = rules
        self.needsProcess = needsProcess
        self.body = body
    }

    /// Every check.
    public static let all: [ConformanceCheck] =
        descriptorChecks + operationChecks + capabilityChecks + leaseChecks + concurrencyChecks + lifecycleChecks
}

/// Whether an operation did not end in time.
private final class Hang: Sendable {
    private let state = Atomic<Bool>(false)

    var isNoted: Bool { state.load(ordering: .relaxed) }

    func note() { state.store(true, ordering: .relaxed) }
}

/// A running check: it makes instances, and records violations of the rules.
struct Trial: Sendable {
    /// Thrown by a check that does not apply to a plugin.
    struct Skipped: Error {
        let reason: String
    }

    let subject: ConformanceSuite
    let violations: ViolationLog
    /// The prefix of the trial's keys, which makes them distinct from all other keys in a shared backend.
    let prefix: String
    private let hang = Hang()

    init(subject: ConformanceSuite, violations: ViolationLog, prefix: String) {
        self.subject = subject
        self.violations = violations
        self.prefix = prefix
    }

    var plugin: TestedPlugin { subject.plugin }

    /// Runs `body` with an instance that has been started, and then shuts the instance down and frees it.
    func withInstance(_ body: (PluginDriver) throws -> Void) throws {
        let instance = try PluginDriver(plugin, subject.configured, environment: subject.environment)
        defer {
            let outcome = end(instance.beginShutdown(within: subject.patience))
            expect(outcome?.status == GW_OK, .o2, "does not finish shutdown with GW_OK")
            try? instance.destroy()
            for violation in instance.violations { violations.note(violation.rule, violation.what) }
        }
        let start = end(instance.start(within: subject.patience))
        guard start?.status == GW_OK else {
            throw PluginDriver.Complaint(
                description: "the plugin does not start: \(start?.reason ?? "it takes too long")"
            )
        }
        try body(instance)
    }

    /// Waits for an operation. One that does not end is a violation.
    func end(_ operation: PendingOperation) -> PendingOperation.Outcome? {
        // Where one operation hangs, others do. The rest of the check must not take hours.
        let outcome = operation.wait(seconds: hang.isNoted ? 0.01 : subject.patience)
        if outcome == nil { hang.note() }
        expect(outcome != nil, .o2, "does not complete an operation within \(subject.patience) seconds")
        return outcome
    }

    func expect(_ condition: Bool, _ rule: Rule, _ what: @autoclosure () -> String) {
        violations.expect(condition, rule, what())
    }

    func key(_ name: String) -> String { prefix + name }

    /// Ends the check unless the plugin has a capability.
    func need(_ capability: UInt32, _ name: String) throws {
        guard plugin.has(capability) else { throw Skipped(reason: "the plugin does not announce \(name)") }
    }
}
