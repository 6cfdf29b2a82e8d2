/// Checks a plugin against the rules of the interface.
///
///     let plugin = try TestedPlugin(library: "build/libgateway-cache-mine.so")
///     let report = ConformanceSuite(plugin, ["host": "127.0.0.1"]).run()
///     print(report)
///
/// The plugin's backend has to be up. The keys that the checks store begin with `conformance:`, and are removed again
/// where the plugin can remove them.
public struct ConformanceSuite: Sendable {
    /// The plugin that is checked.
    public let plugin: TestedPlugin
    /// Parameters by name, as texts: see `GivenParameters`.
    public let configured: [String: String]
    /// Environment variables by name.
    public let environment: [String: String]
    /// How long an operation may take, in seconds.
    public let patience: Double
    /// Whether nothing else runs in the process, so that the process as a whole can be examined.
    public let hasProcess: Bool

    /// - Parameters:
    ///   - configured: parameters by name, as texts: see `GivenParameters`.
    ///   - environment: environment variables by name.
    ///   - patience: how long an operation may take, in seconds.
    ///   - hasProcess: whether nothing else runs in the process.
    public init(
        _ plugin: TestedPlugin,
        _ configured: [String: String] = [:],
        environment: [String: String] = [:],
        patience: Double = 10,
        hasProcess: Bool = false
    ) {
        self.plugin = plugin
        self.configured = configured
        self.environment = environment
        self.patience = patience
        self.hasProcess = hasProcess
    }

    /// Runs checks one after another, and blocks until they are done.
    public func run(_ checks: [ConformanceCheck] = ConformanceCheck.all) -> ConformanceReport {
        ConformanceReport(results: checks.map { ConformanceReport.Result(check: $0, verdict: verdict(of: $0)) })
    }

    private func verdict(of check: ConformanceCheck) -> ConformanceReport.Verdict {
        if check.needsProcess, !hasProcess { return .skipped("other things run in this process") }
        let violations = ViolationLog()
        let trial = Trial(
            subject: self,
            violations: violations,
            prefix: "conformance:\(String(UInt64.random(in: .min ... .max), radix: 36)):"
        )
        do {
            try check.body(trial)
        } catch let skipped as Trial.Skipped {
            return .skipped(skipped.reason)
        } catch {
            return .failed("\(error)", violations.all)
        }
        return violations.all.isEmpty ? .passed : .failed(nil, violations.all)
    }
}

/// The results of checks.
public struct ConformanceReport: Sendable, CustomStringConvertible {
    /// How a check ended.
    public enum Verdict: Sendable, Equatable {
        case passed
        /// The check does not apply to the plugin, or cannot be run here, for this reason.
        case skipped(String)
        /// Rules were broken, or the check could not be carried out for this reason.
        case failed(String?, [Violation])
    }

    /// A check and its verdict.
    public struct Result: Sendable {
        /// The check.
        public let check: ConformanceCheck
        /// How it ended.
        public let verdict: Verdict
    }

    /// The checks in the order in which they were run.
    public let results: [Result]

    /// Whether no check failed.
    public var isConformant: Bool {
        results.allSatisfy { if case .failed = $0.verdict { false } else { true } }
    }

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

    public var description: String {
        results.map { result in
            switch result.verdict {
            case .passed: "passed   \(result.check.name)"
            case .skipped(let reason): "skipped  \(result.check.name): \(reason)"
            case .failed(let reason, let violations):
                (["FAILED   \(result.check.name)"] + (reason.map { ["         \($0)"] } ?? [])
                    + violations.map { "         \($0)" }).joined(separator: "\n")
            }
        }.joined(separator: "\n")
    }
}
