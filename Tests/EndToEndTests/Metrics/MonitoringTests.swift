import Foundation
import Testing

/// packaging/prometheus, packaging/grafana and docs/metrics.md.
@Suite("What monitors the gateway", .timeLimit(.minutes(1)))
struct MonitoringTests {
    private func file(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    private func reference() async throws -> String {
        let printed = try await Command.run(Repository.gateway, ["reference", "--metrics"])
        #expect(printed.status == 0)
        return printed.standardOutput
    }

    /// The names of all series that the gateway exports.
    private func exported() async throws -> Set<String> {
        let rows = try await reference().matches(of: #/\| `([a-z_]+)` \| ([a-z]+) \|/#)
        return Set(
            rows.flatMap { row in
                let name = String(row.output.1)
                return row.output.2 == "histogram" ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
            }
        )
    }

    /// The names of series that expressions use.
    private func used(in text: String) -> Set<String> {
        Set(text.matches(of: #/\b(gateway_[a-z_]+|process_[a-z_]+)\b/#).map { String($0.output.1) })
    }

    @Test("docs/metrics.md ends with what `gateway reference --metrics` prints; `make reference` makes it anew")
    func documentation() async throws {
        let kept = try file("docs/metrics.md")
        let printed = try await reference()
        #expect(printed.contains("gateway_requests_total"))
        #expect(kept.hasSuffix("makes it anew. -->\n\n" + printed))
    }

    @Test("Every metric that the dashboard uses is exported, and so is each that the alerts use")
    func names() async throws {
        let exported = try await exported()
        #expect(exported.count > 60)
        let dashboard = try file("packaging/grafana/gateway.json")
        let alerts = try file("packaging/prometheus/alerts.yml")
        #expect(used(in: dashboard).count > 30 && used(in: alerts).count > 10)
        #expect(used(in: dashboard).subtracting(exported).isEmpty, "\(used(in: dashboard).subtracting(exported))")
        #expect(used(in: alerts).subtracting(exported).isEmpty, "\(used(in: alerts).subtracting(exported))")
        let documented = used(in: try file("docs/metrics.md")).subtracting(exported)
        #expect(documented.allSatisfy { exported.contains($0 + "_bucket") }, "\(documented)")
        let json = JSON(Array(dashboard.utf8))
        let expressions = json["panels"].array.flatMap { $0["targets"].array }.compactMap { $0["expr"].string }
        #expect(expressions.count > 50)
        #expect(json["title"].string == "LLM gateway")
    }

    @Test("promtool accepts the configuration and the alerts, whose tests say when each one fires")
    func alerts() async throws {
        for arguments in [
            ["check", "config", "prometheus.yml"], ["check", "rules", "alerts.yml"],
            ["test", "rules", "alerts_test.yml"],
        ] {
            let result = try await Promtool.run(arguments, in: "packaging/prometheus")
            #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
        }
        let tested = try file("packaging/prometheus/alerts_test.yml")
        for alert in try file("packaging/prometheus/alerts.yml").matches(of: #/- alert: (\w+)/#) {
            #expect(tested.contains("alertname: \(alert.output.1)\n"), "\(alert.output.1) is not tested")
        }
    }
}
