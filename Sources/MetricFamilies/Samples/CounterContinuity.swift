/// Keeps counters from going back whose source may begin anew, as a cache backend does that takes the place of another.
public struct CounterContinuity: Sendable {
    private struct Count {
        let family: MetricFamily
        /// What earlier sources have counted.
        var before = 0.0
        /// What the present source has counted.
        var present = 0.0
    }

    private var counts: [[String]: Count] = [:]

    /// No counters.
    public init() {}

    /// Returns the samples with counters that go on from where they were. Those of a source that there is no more stay.
    public mutating func adjusted(_ samples: MetricSamples) -> MetricSamples {
        var adjusted = MetricSamples()
        for series in samples.all {
            for (labels, value) in series.values {
                guard series.family.kind == .counter, case .number(let number) = value else {
                    adjusted.add(value, to: series.family, labels)
                    continue
                }
                let key = [series.family.name] + labels
                var count = counts[key] ?? Count(family: series.family)
                if number < count.present { count.before += count.present }
                count.present = number
                counts[key] = count
            }
        }
        for (key, count) in counts {
            adjusted.add(.number(count.before + count.present), to: count.family, Array(key.dropFirst()))
        }
        return adjusted
    }
}
