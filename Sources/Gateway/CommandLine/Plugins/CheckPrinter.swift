import JSON
import PluginConformance

/// Prints the results of `gateway plugins check`.
struct CheckPrinter {
    let json: Bool
    let probe: PluginProbe
    let path: String

    /// The plugin's type and version, as an author would quote them.
    var title: String { probe.isDescribed ? "\(probe.type) \(probe.version)" : path }

    func print(_ report: ConformanceReport, seed: UInt64) {
        if json { return Swift.print(text(report, seed: seed)) }
        for result in report.results { Swift.print(result) }
        Swift.print(score(report, seed: seed))
    }

    /// The line that an author can quote.
    private func score(_ report: ConformanceReport, seed: UInt64) -> String {
        "\(title): \(report.score); interface \(Self.interface); seed \(seed)"
    }

    private static let interface = "1.0"

    private func text(_ report: ConformanceReport, seed: UInt64) -> String {
        JSONWriter.object { json in
            json.member("file", path)
            json.member("type", probe.isDescribed ? probe.type : nil)
            json.member("version", probe.isDescribed ? probe.version : nil)
            json.member("interface", Self.interface)
            json.member("seed") { $0.integer(seed) }
            json.member("conformant") { $0.bool(report.isConformant) }
            json.member("score", score(report, seed: seed))
            json.member("results") { json in
                json.array { array in
                    for result in report.results { write(result, to: &array) }
                }
            }
        }
    }

    private func write(_ result: ConformanceReport.Result, to json: inout JSONWriter) {
        json.object { json in
            json.member("check", result.check.id.description)
            json.member("rules") { json in
                json.array { for rule in result.check.rules { $0.string(rule.rawValue) } }
            }
            json.member("result", result.verdict.word)
            json.member("details") { json in
                json.array { for detail in result.verdict.details { $0.string(detail) } }
            }
        }
    }
}
