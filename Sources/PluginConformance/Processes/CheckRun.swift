import Subprocess
import Synchronization

/// Runs checks, each in a process of its own, so that a plugin that crashes, hangs or exits fails one check.
public struct CheckRun: Sendable {
    /// The program that runs one check, which is this one.
    private let executable: String
    /// Its arguments for a check.
    private let arguments: @Sendable (ConformanceCheck) -> [String]
    /// How many checks run at the same time.
    private let jobs: Int
    /// How long a check may take, in seconds.
    private let seconds: Double

    /// - Parameters:
    ///   - jobs: how many checks run at the same time. Those that need quiet run alone.
    ///   - seconds: how long a check may take.
    ///   - arguments: the arguments with which this program runs a check by means of `CheckChild`.
    public init(
        jobs: Int,
        seconds: Double,
        arguments: @escaping @Sendable (ConformanceCheck) -> [String]
    ) {
        executable = Subprocess.ownExecutable
        self.arguments = arguments
        self.jobs = max(1, jobs)
        self.seconds = seconds
    }

    /// Runs checks, and blocks until all have ended.
    public func run(_ checks: [ConformanceCheck]) -> ConformanceReport {
        let quiet = checks.indices.filter { checks[$0].needs.contains(.quiet) }
        let others = checks.indices.filter { !checks[$0].needs.contains(.quiet) }
        let verdicts = Mutex<[Int: ConformanceReport.Verdict]>([:])
        let next = Atomic<Int>(0)
        Threads.run(min(jobs, max(1, others.count))) { _ in
            while true {
                let turn = next.add(1, ordering: .relaxed).oldValue
                guard turn < others.count else { return }
                let verdict = verdict(of: checks[others[turn]])
                verdicts.withLock { $0[others[turn]] = verdict }
            }
        }
        for index in quiet {
            let verdict = verdict(of: checks[index])
            verdicts.withLock { $0[index] = verdict }
        }
        let all = verdicts.withLock { $0 }
        return ConformanceReport(
            results: checks.indices.compactMap { index in
                all[index].map { ConformanceReport.Result(check: checks[index], verdict: $0) }
            }
        )
    }

    private func verdict(of check: ConformanceCheck) -> ConformanceReport.Verdict {
        let result: Subprocess.Result
        do {
            result = try Subprocess(executable, arguments(check), variables: Subprocess.withoutBacktrace)
                .run(seconds: seconds)
        } catch {
            return .failed("\(error)", [])
        }
        return Self.verdict(result, seconds: seconds)
    }

    /// What the end of a check's process means.
    static func verdict(_ result: Subprocess.Result, seconds: Double) -> ConformanceReport.Verdict {
        let said = Self.lastLine(result.errors)
        switch result.end {
        case .timedOut: return .timedOut(seconds)
        case .killed(let signal): return .crashed("signal \(SignalName(signal)) ended the process" + said)
        case .exited(let status):
            guard let record = VerdictRecord(bytes: result.report) else {
                return .crashed("the process exited with status \(status) before the check had ended" + said)
            }
            guard !result.output.isEmpty else { return record.verdict }
            let violation = Violation(.p2, "wrote to standard output")
            guard case .failed(let reason, let violations) = record.verdict else { return .failed(nil, [violation]) }
            return .failed(reason, violations + [violation])
        }
    }

    private static func lastLine(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(2_000), as: UTF8.self)
        guard let line = text.split(whereSeparator: \.isNewline).last else { return "" }
        return "; the last line on standard error: \(line.prefix(200))"
    }
}

/// The name of a signal.
struct SignalName: CustomStringConvertible {
    let description: String

    init(_ signal: Int32) {
        let names: [Int32: String] = [
            4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
            13: "SIGPIPE", 15: "SIGTERM", 31: "SIGSYS",
        ]
        description = "\(signal)" + (names[signal].map { " (\($0))" } ?? "")
    }
}
