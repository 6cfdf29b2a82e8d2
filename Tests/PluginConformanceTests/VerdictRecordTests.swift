import Subprocess
import Testing

@testable import PluginConformance

@Suite("The verdict of a check's process")
struct VerdictRecordTests {
    @Test(
        "is read as it was written",
        arguments: [
            .passed, .skipped("for this reason"), .warned([Violation(.p4, "exports more")]),
            .failed(nil, [Violation(.o2, "completes twice"), Violation(.v1, "changes a value")]),
            .failed("the plugin does not start", []),
        ] as [ConformanceReport.Verdict]
    )
    func roundTrip(verdict: ConformanceReport.Verdict) {
        #expect(VerdictRecord(bytes: VerdictRecord(verdict).bytes)?.verdict == verdict)
    }

    @Test("is one line for each sentence, whatever the sentences hold")
    func lines() {
        let verdict = ConformanceReport.Verdict.failed("two\nlines", [Violation(.l4, "says\t'\r\n'")])
        let read = VerdictRecord(bytes: VerdictRecord(verdict).bytes)?.verdict
        #expect(read == .failed("two lines", [Violation(.l4, "says '  '")]))
    }

    @Test("is none where the process ended while it wrote")
    func cut() {
        let bytes = VerdictRecord(.failed("a reason", [Violation(.o2, "completes twice")])).bytes
        for count in 0..<bytes.count - 1 { #expect(VerdictRecord(bytes: Array(bytes.prefix(count))) == nil) }
    }

    private func verdict(
        _ end: Subprocess.End,
        report: [UInt8] = VerdictRecord(.passed).bytes,
        output: String = ""
    ) -> ConformanceReport.Verdict {
        let result = Subprocess.Result(
            end: end,
            output: Array(output.utf8),
            errors: Array("why\n".utf8),
            report: report
        )
        return CheckRun.verdict(result, seconds: 3)
    }

    @Test("is CRASHED where a signal ended it, or it exited without a word, and says what it said last")
    func crashes() {
        #expect(verdict(.exited(status: 0)) == .passed)
        let killed = verdict(.killed(signal: 11), report: [])
        #expect(killed.word == "CRASHED" && killed.details.first?.contains("SIGSEGV") == true)
        #expect(killed.details.first?.contains("why") == true)
        let exited = verdict(.exited(status: 3), report: [])
        #expect(exited.word == "CRASHED" && exited.details.first?.contains("status 3") == true)
    }

    @Test("is TIMEOUT where its time was over")
    func timeout() { #expect(verdict(.timedOut) == .timedOut(3)) }

    @Test("is FAILED by rule P-2 where something was written to standard output")
    func output() {
        #expect(verdict(.exited(status: 0), output: "x") == .failed(nil, [Violation(.p2, "wrote to standard output")]))
    }

    @Test("fails the plugin unless it is passed, skipped or a warning")
    func failures() {
        let failures: [ConformanceReport.Verdict] = [.failed(nil, []), .crashed(""), .timedOut(1)]
        let others: [ConformanceReport.Verdict] = [.passed, .skipped(""), .warned([])]
        #expect(failures.allSatisfy(\.isFailure) && !others.contains(where: \.isFailure))
    }
}
