import MetricFamilies

extension SampleTotals {
    /// What the metrics have counted. Requests are those that name a model.
    init(_ samples: MetricSamples) {
        self.init()
        let all = samples.all
        func each(_ family: MetricFamily, _ body: (_ labels: [String], _ value: Double) -> Void) {
            guard let series = all.first(where: { $0.family.name == family.name }) else { return }
            for case (let labels, .number(let value)) in series.values where labels.count == family.labels.count {
                body(labels, value)
            }
        }
        // The labels are in the order of the family's.
        each(MetricFamily.Requests.total) { labels, value in
            let (count, model, status) = (Self.whole(value), labels[1], labels[3])
            guard !model.isEmpty else { return }
            requests &+= count
            models[model, default: Model()].requests &+= count
            if let status = Int(status), status >= 500 { errors &+= count }
            switch labels[4] {
            case CacheOutcome.hit.label, CacheOutcome.stale.label:
                hits &+= count
                models[model, default: Model()].hits &+= count
            case CacheOutcome.miss.label: misses &+= count
            case CacheOutcome.coalesced.label: coalesced &+= count
            default: break
            }
        }
        each(MetricFamily.Usage.savedTokens) { labels, value in
            let count = Self.whole(value)
            if labels[2] == "input" { savedInputTokens &+= count } else { savedOutputTokens &+= count }
            models[labels[0], default: Model()].savedTokens &+= count
        }
        each(MetricFamily.Usage.savedDollars) { labels, value in
            savedDollars += value
            models[labels[0], default: Model()].savedDollars += value
        }
        reasons = samples.sums(of: MetricFamily.Cache.misses, by: "reason").mapValues { Self.whole($0) }
        hitLatency = Self.latency(samples, [.hit, .stale])
        missLatency = Self.latency(samples, [.miss, .bypass])
    }

    private static func whole(_ value: Double) -> UInt64 { UInt64(exactly: value.rounded()) ?? 0 }

    private static func latency(_ samples: MetricSamples, _ outcomes: [CacheOutcome]) -> HistogramCounts {
        var sum = HistogramCounts(bounds: .requestTimes)
        for outcome in outcomes {
            let durations = samples.histogram(of: MetricFamily.Requests.duration, where: ["cache": outcome.label])
            if let durations { sum.add(durations) }
        }
        return sum
    }
}
