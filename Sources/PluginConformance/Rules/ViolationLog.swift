import Synchronization

/// The violations that were found, from any thread. Each is kept once, however often it happens.
final class ViolationLog: Sendable {
    private let seen = Mutex<[Violation]>([])

    var all: [Violation] { seen.withLock { $0 } }

    func note(_ rule: Rule, _ what: String) {
        let violation = Violation(rule, what)
        seen.withLock { if !$0.contains(violation) { $0.append(violation) } }
    }

    /// Records a violation unless the condition holds.
    func expect(_ condition: Bool, _ rule: Rule, _ what: @autoclosure () -> String) {
        if !condition { note(rule, what()) }
    }
}
