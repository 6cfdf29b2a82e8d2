import ArgumentParser
import Configuration
import Glibc
import JSON
import PluginConformance
import PluginHost
import Subprocess

/// `gateway plugins check`: checks a plugin against the rules of the interface.
struct PluginCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a plugin against the rules of the plugin interface.",
        discussion: """
            Each check runs in a process of its own and cites the rules of gateway_cache_plugin.h that it is about. \
            docs/plugin-checker.md explains the results.

            Exit codes: 0 where no check failed, crashed or timed out, 1 where one did, 64 wrong command line.
            """
    )

    @OptionGroup var subject: CheckSubject
    @OptionGroup var plugins: PluginOptions

    @Option(help: "Run only the checks whose names match this regular expression.")
    var filter: String?

    @Option(help: "How many checks run at the same time; without it one for each core.")
    var jobs: Int?

    @Option(help: "How long one check may take, in seconds.")
    var timeout = 60.0

    @Option(help: "Run only the random comparisons with a model, with one seed after another, for so many seconds.")
    var fuzz: Double?

    @Flag(help: "Print the results as JSON.")
    var json = false

    @Flag(help: "List the checks with their rules as Markdown, and run none.")
    var list = false

    func validate() throws {
        _ = try checks()
        if !list, subject.plugin == nil { throw ValidationError("No plugin is named; name its file or its type.") }
        if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs) is too few; use at least 1.") }
    }

    func run() throws {
        let checks = try checks()
        if list { return print(CheckTable(checks).markdown) }
        let seed = subject.seed ?? UInt64.random(in: 0...0xFFFF)
        let (path, probe) = try subject.probe(in: plugins)
        if let wrong = subject.unknownParameter(of: probe) ?? subject.impossibleBackend(of: probe) {
            throw ValidationError(wrong)
        }
        let printer = CheckPrinter(json: json, probe: probe, path: path)
        if let fuzz { return try runFuzz(path, seed, for: fuzz, printer) }
        let report = run(checks, path, seed, probe)
        printer.print(report, seed: seed)
        if !report.isConformant { throw ExitCode(1) }
    }

    private func checks() throws -> [ConformanceCheck] {
        guard let filter else { return ConformanceCheck.all }
        let pattern: Regex<AnyRegexOutput>
        do {
            pattern = try Regex(filter)
        } catch {
            throw ValidationError("--filter '\(filter)' is not a regular expression.")
        }
        let checks = ConformanceCheck.all.filter { $0.id.description.contains(pattern) }
        if checks.isEmpty { throw ValidationError("No check has a name that matches --filter '\(filter)'.") }
        return checks
    }

    /// Runs the checks that the plugin can be put to, and leaves out the rest.
    private func run(
        _ checks: [ConformanceCheck],
        _ path: String,
        _ seed: UInt64,
        _ probe: PluginProbe
    ) -> ConformanceReport {
        let runner = runner(path, seed, exclusive: probe.isExclusive)
        guard let refusal = probe.refusal, !probe.isDescribed else { return runner.run(checks) }
        let possible = checks.filter { $0.needs.contains(.file) }
        let report = runner.run(possible)
        let others = checks.filter { !$0.needs.contains(.file) }.map {
            ConformanceReport.Result(check: $0, verdict: .skipped("the plugin cannot be used: \(refusal)"))
        }
        return ConformanceReport(results: report.results + others)
    }

    private func runner(_ path: String, _ seed: UInt64, exclusive: Bool) -> CheckRun {
        let fixed = ["plugins", "check-one", path, "--seed", "\(seed)"] + subject.repeated
        return CheckRun(jobs: exclusive ? 1 : jobs ?? Processors.usable(), seconds: timeout) { check in
            fixed + ["--check", check.id.description]
        }
    }

    /// Runs the random checks with one seed after another until the time is over or one fails.
    private func runFuzz(_ path: String, _ seed: UInt64, for seconds: Double, _ printer: CheckPrinter) throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var next = seed
        var rounds = 0
        repeat {
            let random = ConformanceCheck.all.filter { $0.id.group == .model }
            let report = runner(path, next, exclusive: printer.probe.isExclusive).run(random)
            rounds += 1
            guard report.isConformant else {
                printer.print(report, seed: next)
                StandardError.print("again with: --filter '^model' --seed \(next)")
                throw ExitCode(1)
            }
            next &+= 1
        } while clock.now < end
        print("\(printer.title): \(rounds) rounds of random operations passed; seeds \(seed) to \(next &- 1)")
    }
}
