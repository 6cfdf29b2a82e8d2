import JSON
import MetricFamilies

/// The samples as `/ui/data` has them: for each figure an array with an element for each interval, the oldest first.
struct SampleColumns {
    private let points: [SampleRing.Point]

    init(_ points: [SampleRing.Point]) {
        self.points = points
    }

    /// Writes the columns as members.
    func write(to members: inout JSONWriter) {
        members.member("interval_s") { $0.integer(SampleRing.interval) }
        column("time", &members) { $0.integer(Int($1.time)) }
        column("seconds", &members) { $0.rounded($1.seconds) }
        column("requests", &members) { $0.integer($1.counted.requests) }
        column("hits", &members) { $0.integer($1.counted.hits) }
        column("misses", &members) { $0.integer($1.counted.misses) }
        column("coalesced", &members) { $0.integer($1.counted.coalesced) }
        column("errors", &members) { $0.integer($1.counted.errors) }
        column("saved_tokens", &members) { $0.integer($1.counted.savedInputTokens &+ $1.counted.savedOutputTokens) }
        column("saved_dollars", &members) { $0.number($1.counted.savedDollars) }
        quantile("hit_p50_ms", 0.5, \.hitLatency, &members)
        quantile("hit_p95_ms", 0.95, \.hitLatency, &members)
        quantile("hit_p99_ms", 0.99, \.hitLatency, &members)
        quantile("miss_p50_ms", 0.5, \.missLatency, &members)
        quantile("miss_p95_ms", 0.95, \.missLatency, &members)
        quantile("miss_p99_ms", 0.99, \.missLatency, &members)
        column("connections", &members) { $0.integer($1.gauges.connections) }
        column("calls", &members) { $0.integer($1.gauges.calls) }
        column("waiting", &members) { $0.integer($1.gauges.waiting) }
        column("resident_bytes", &members) { $0.optional($1.gauges.residentBytes) }
        column("backend", &members) { $0.string($1.gauges.backendState) }
    }

    private func column(
        _ name: StaticString,
        _ members: inout JSONWriter,
        _ write: (inout JSONWriter, SampleRing.Point) -> Void
    ) {
        members.member(name) { json in
            json.array { list in for point in points { write(&list, point) } }
        }
    }

    private func quantile(
        _ name: StaticString,
        _ share: Double,
        _ latency: (SampleTotals) -> HistogramCounts,
        _ members: inout JSONWriter
    ) {
        column(name, &members) { $0.rounded(latency($1.counted).percentile(share).map { $0 * 1000 }) }
    }
}

extension JSONWriter {
    /// A number to the thousandth, or `null` where there is none.
    mutating func rounded(_ number: Double?) {
        guard let number else { return null() }
        self.number((number * 1000).rounded() / 1000)
    }

    /// A whole number, or `null` where there is none.
    mutating func optional(_ number: Int?) {
        guard let number else { return null() }
        integer(number)
    }
}
