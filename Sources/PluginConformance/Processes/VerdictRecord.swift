/// A verdict as a process tells it to the one that started it: lines of words with tabs between them.
///
///     failed
///     reason<TAB>the plugin does not start
///     broken<TAB>O-2<TAB>completed an operation that had ended
struct VerdictRecord: Equatable {
    let verdict: ConformanceReport.Verdict

    init(_ verdict: ConformanceReport.Verdict) { self.verdict = verdict }

    /// Reads a record. It is nil where the bytes are none, such as where the process ended while it wrote.
    init?(bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        guard let word = lines.first?.first, lines.last == ["end"] else { return nil }
        let reason = lines.first { $0.first == "reason" && $0.count > 1 }.map { $0.dropFirst().joined(separator: " ") }
        let violations = lines.compactMap { line -> Violation? in
            guard line.count == 3, line[0] == "broken", let rule = Rule(rawValue: line[1]) else { return nil }
            return Violation(rule, line[2])
        }
        switch word {
        case "passed": verdict = .passed
        case "skipped": verdict = .skipped(reason ?? "")
        case "warned": verdict = .warned(violations)
        case "failed": verdict = .failed(reason, violations)
        default: return nil
        }
    }

    var bytes: [UInt8] {
        var lines: [String] = []
        switch verdict {
        case .passed: lines = ["passed"]
        case .skipped(let reason): lines = ["skipped", "reason\t\(Self.line(reason))"]
        case .warned(let violations): lines = ["warned"] + violations.map(Self.line)
        case .failed(let reason, let violations):
            lines = ["failed"] + (reason.map { ["reason\t\(Self.line($0))"] } ?? []) + violations.map(Self.line)
        case .crashed, .timedOut: lines = []
        }
        return Array((lines + ["end", ""]).joined(separator: "\n").utf8)
    }

    private static func line(_ violation: Violation) -> String { "broken\t\(violation.rule)\t\(line(violation.what))" }

    /// The text without what would end its line.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }
}
