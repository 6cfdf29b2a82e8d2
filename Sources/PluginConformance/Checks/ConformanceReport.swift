/// The results of checks.
public struct ConformanceReport: Sendable, CustomStringConvertible {
    /// How a check ended.
    public enum Verdict: Sendable, Equatable {
        case passed
        /// The check does not apply to the plugin, or cannot be run here, for this reason.
        case skipped(String)
        /// The plugin keeps the rules, but not what is advised.
        case warned([Violation])
        /// Rules were broken, or the check could not be carried out for this reason.
        case failed(String?, [Violation])
        /// The plugin ended the process, in this way.
        case crashed(String)
        /// The check did not end within this many seconds.
        case timedOut(Double)

        /// The verdict in one word.
        public var word: String {
            switch self {
            case .passed: "PASSED"
            case .skipped: "SKIPPED"
            case .warned: "WARNING"
            case .failed: "FAILED"
            case .crashed: "CRASHED"
            case .timedOut: "TIMEOUT"
            }
        }

        /// Whether the plugin is not conformant.
        public var isFailure: Bool {
            switch self {
            case .passed, .skipped, .warned: false
            case .failed, .crashed, .timedOut: true
            }
        }

        /// What is to be said beside the word, one sentence each.
        public var details: [String] {
            switch self {
            case .passed: []
            case .skipped(let reason), .crashed(let reason): [reason]
            case .warned(let violations): violations.map(\.description)
            case .failed(let reason, let violations): (reason.map { [$0] } ?? []) + violations.map(\.description)
            case .timedOut(let seconds): ["it has not ended within \(Int(seconds)) seconds"]
            }
        }
    }

    /// A check and its verdict.
    public struct Result: Sendable, CustomStringConvertible {
        /// The check.
        public let check: ConformanceCheck
        /// How it ended.
        public let verdict: Verdict

        public init(check: ConformanceCheck, verdict: Verdict) { (self.check, self.verdict) = (check, verdict) }

        /// A line for the check, and one for each detail.
        public var description: String {
            let rules = check.rules.map(\.description).joined(separator: ", ")
            let word = verdict.word + String(repeating: " ", count: 8 - verdict.word.count)
            let details = verdict.details.map { "\n         \($0)" }
            return "\(word) \(check.id) [\(rules)]" + details.joined()
        }
    }

    /// The checks in the order in which they were run.
    public let results: [Result]

    public init(results: [Result]) { self.results = results }

    /// Whether no check failed.
    public var isConformant: Bool { !results.contains { $0.verdict.isFailure } }

    /// The violations by the plugin, each once.
    public var violations: [Violation] {
        var all: [Violation] = []
        for case .failed(_, let violations) in results.map(\.verdict) {
            for violation in violations where !all.contains(violation) { all.append(violation) }
        }
        return all
    }

    /// The rules that were broken.
    public var brokenRules: Set<Rule> { Set(violations.map(\.rule)) }

    /// How many checks ended with a word such as `PASSED`.
    public func count(_ word: String) -> Int { results.count { $0.verdict.word == word } }

    /// The counts in one line, such as `118 of 121 passed, 3 skipped`.
    public var score: String {
        var score = "\(count("PASSED")) of \(results.count) passed"
        let others = [
            ("SKIPPED", "skipped"), ("WARNING", "with a warning"), ("FAILED", "failed"), ("CRASHED", "crashed"),
            ("TIMEOUT", "timed out"),
        ]
        for (word, name) in others where count(word) > 0 { score += ", \(count(word)) \(name)" }
        return score
    }

    public var description: String { results.map(\.description).joined(separator: "\n") }
}
