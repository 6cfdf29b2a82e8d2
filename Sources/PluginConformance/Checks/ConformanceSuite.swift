/// Checks a plugin against the rules of the interface, within this process.
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
    /// The library's file. It is nil for a plugin that is linked into the program.
    public var library: String?
    /// The parameters that name the backend's place. There are none where the plugin has no backend that can be down.
    public var backend: BackendPlace?
    /// Parameters with which start has to fail, such as a licence that has expired. There are none where none are known.
    public var impossible: [String: String]?
    /// The host's own keys, which no parameter may have.
    public var hostNames: Set<String> = []
    /// The seed of everything random.
    public var seed: UInt64

    /// - Parameters:
    ///   - configured: parameters by name, as texts: see `GivenParameters`.
    ///   - environment: environment variables by name.
    ///   - patience: how long an operation may take, in seconds.
    ///   - hasProcess: whether nothing else runs in the process.
    ///   - seed: the seed of everything random.
    public init(
        _ plugin: TestedPlugin,
        _ configured: [String: String] = [:],
        environment: [String: String] = [:],
        patience: Double = 10,
        hasProcess: Bool = false,
        seed: UInt64 = .random(in: 0...0xFFFF_FFFF)
    ) {
        self.plugin = plugin
        self.configured = configured
        self.environment = environment
        self.patience = patience
        self.hasProcess = hasProcess
        self.seed = seed
    }

    /// Runs checks one after another, and blocks until they are done.
    public func run(_ checks: [ConformanceCheck] = ConformanceCheck.all) -> ConformanceReport {
        ConformanceReport(results: checks.map { ConformanceReport.Result(check: $0, verdict: verdict(of: $0)) })
    }

    func verdict(of check: ConformanceCheck) -> ConformanceReport.Verdict {
        if !check.needs.isDisjoint(with: [.process, .unloaded]), !hasProcess {
            return .skipped("other things run in this process")
        }
        if check.needs.contains(.file), library == nil { return .skipped("the plugin has no file") }
        let violations = ViolationLog()
        let trial = Trial(
            subject: self,
            violations: violations,
            prefix: "conformance:\(String(UInt64.random(in: .min ... .max), radix: 36)):",
            seed: seed ^ check.id.hash
        )
        do {
            try check.body(trial)
        } catch let skipped as Trial.Skipped {
            return violations.all.isEmpty ? .skipped(skipped.reason) : .failed(nil, violations.all)
        } catch {
            return .failed("\(error)", violations.all)
        }
        guard !violations.all.isEmpty else { return .passed }
        return check.isAdvice ? .warned(violations.all) : .failed(nil, violations.all)
    }
}

extension CheckID {
    /// A number that is the same in every process (FNV-1a).
    fileprivate var hash: UInt64 {
        description.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
