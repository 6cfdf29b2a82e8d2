import JSON
import MetricFamilies
import NIOCore

/// `GET /ui/data`: what `/ui` and `gateway top` show: the present state, the samples of the last hour and the last events.
/// Its size is bounded by the number of samples, events and listed models. It waits for nothing and contains no secret.
struct DashboardData {
    /// The most models and reasons that are listed.
    static let mostListed = 12

    let generation: Generation
    let isStopping: Bool
    /// What has been counted so far. It is nil where metrics are off.
    let totals: SampleTotals?

    /// The report, at `now`, Unix time in milliseconds.
    func json(at now: UInt64 = EventJournal.unixMilliseconds()) -> String {
        let resources = generation.resources
        let samples = resources.observation.samples
        return JSONWriter.object { report in
            report.member("version", Version.description)
            report.member("state", isStopping ? "stopping" : "serving")
            report.member("now") { $0.integer(now) }
            report.member("began") { $0.integer(Int(samples.began)) }
            report.member("generation") { $0.integer(resources.reloads.record.generation) }
            report.member("cache") { CacheStats.write(generation, to: &$0) }
            report.member("flights") { json in
                json.object { members in
                    members.member("calls") { $0.integer(generation.flights.count) }
                    members.member("requests") { $0.integer(generation.flights.readers) }
                }
            }
            report.member("connections") { json in
                json.object { members in
                    members.member("open") { $0.integer(resources.connections.open) }
                    members.member("limit") { $0.integer(resources.connections.limits.total) }
                }
            }
            report.member("memory") { json in
                json.object { members in
                    members.member("held") { $0.integer(resources.memory.held) }
                    members.member("limit") { $0.integer(resources.memory.limit) }
                    members.member("resident") { $0.optional(ProcessFigures.resident) }
                }
            }
            report.member("events") { write(resources.events.events, to: &$0) }
            write(totals.map { ($0, samples.current) }, to: &report)
        }
    }

    private func write(_ events: [GatewayEvent], to json: inout JSONWriter) {
        json.array { list in
            for event in events {
                list.object { members in
                    members.member("time") { $0.integer(event.time) }
                    members.member("kind", event.kind.rawValue)
                    members.member("severity", event.severity.rawValue)
                    members.member("text", event.text)
                }
            }
        }
    }

    private func write(_ counted: (totals: SampleTotals, ring: SampleRing)?, to report: inout JSONWriter) {
        report.member("totals") { json in
            guard let counted else { return json.null() }
            json.object { Self.write(counted.totals, to: &$0) }
        }
        report.member("hour") { json in
            guard let counted else { return json.null() }
            json.object { Self.writeHour(counted.ring, counted.totals, to: &$0) }
        }
        report.member("samples") { json in
            guard let counted else { return json.null() }
            json.object { SampleColumns(counted.ring.points).write(to: &$0) }
        }
    }

    /// Writes counts as members.
    private static func write(_ totals: SampleTotals, to members: inout JSONWriter) {
        members.member("requests") { $0.integer(totals.requests) }
        members.member("hits") { $0.integer(totals.hits) }
        members.member("misses") { $0.integer(totals.misses) }
        members.member("coalesced") { $0.integer(totals.coalesced) }
        members.member("errors") { $0.integer(totals.errors) }
        members.member("saved_input_tokens") { $0.integer(totals.savedInputTokens) }
        members.member("saved_output_tokens") { $0.integer(totals.savedOutputTokens) }
        members.member("saved_dollars") { $0.number(totals.savedDollars) }
    }

    private static func writeHour(_ ring: SampleRing, _ totals: SampleTotals, to members: inout JSONWriter) {
        let sum = ring.sum(with: totals)
        members.member("seconds") { $0.rounded(ring.seconds) }
        write(sum, to: &members)
        members.member("hit_latency_ms") { write(sum.hitLatency, to: &$0) }
        members.member("miss_latency_ms") { write(sum.missLatency, to: &$0) }
        let reasons = sum.reasons.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        members.member("reasons") { json in
            json.array { list in
                for (reason, count) in reasons.prefix(mostListed) {
                    list.object { members in
                        members.member("reason", reason)
                        members.member("count") { $0.integer(count) }
                    }
                }
            }
        }
        let models = sum.models.sorted { ($0.value.requests, $1.key) > ($1.value.requests, $0.key) }
        members.member("models") { json in
            json.array { list in
                for (name, model) in models.prefix(mostListed) {
                    list.object { members in
                        members.member("name", name)
                        members.member("requests") { $0.integer(model.requests) }
                        members.member("hits") { $0.integer(model.hits) }
                        members.member("saved_tokens") { $0.integer(model.savedTokens) }
                        members.member("saved_dollars") { $0.number(model.savedDollars) }
                    }
                }
            }
        }
        members.member("unlisted_models") { $0.integer(max(0, models.count - mostListed)) }
    }

    private static func write(_ latency: HistogramCounts, to json: inout JSONWriter) {
        json.object { members in
            members.member("p50") { $0.rounded(latency.percentile(0.5).map { $0 * 1000 }) }
            members.member("p95") { $0.rounded(latency.percentile(0.95).map { $0 * 1000 }) }
            members.member("p99") { $0.rounded(latency.percentile(0.99).map { $0 * 1000 }) }
        }
    }
}
