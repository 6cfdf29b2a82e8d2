import MetricFamilies
import Testing

@Suite("Samples")
struct MetricSamplesTests {
    @Test("Samples with the same labels are added up, be they of one thread or of several")
    func sums() throws {
        var one = MetricSamples()
        one.add(count: 2, to: MetricFamily.Cache.misses, "gpt", "absent")
        one.add(count: 3, to: MetricFamily.Cache.misses, "gpt", "absent")
        one.add(count: 0, to: MetricFamily.Cache.misses, "gpt", "expired")
        var two = MetricSamples()
        two.add(count: 4, to: MetricFamily.Cache.misses, "gpt", "absent")
        two.add(count: 1, to: MetricFamily.Cache.misses, "other", "purged")
        one.add(two)
        #expect(one.sum(of: MetricFamily.Cache.misses) == 10)
        #expect(one.sum(of: MetricFamily.Cache.misses, where: ["model": "gpt"]) == 9)
        #expect(one.sums(of: MetricFamily.Cache.misses, by: "reason") == ["absent": 9, "purged": 1])
        #expect(one.sums(of: MetricFamily.Cache.misses, by: "none").isEmpty)
        let counts = HistogramCounts(bounds: .requestTimes, buckets: [1])
        one.add(counts, to: MetricFamily.Requests.duration, "/v1/models", "hit")
        one.add(counts, to: MetricFamily.Requests.duration, "/v1/models", "miss")
        #expect(try #require(one.histogram(of: MetricFamily.Requests.duration)).count == 2)
        #expect(one.histogram(of: MetricFamily.Requests.duration, where: ["cache": "stale"]) == nil)
    }

    @Test("A value with too few or too many labels is no sample")
    func labels() {
        var samples = MetricSamples()
        samples.add(1, to: MetricFamily.Cache.misses, "gpt")
        samples.add(1, to: MetricFamily.Server.connections, "gpt")
        #expect(samples.all.isEmpty)
    }

    @Test("The families keep the order of the table")
    func order() {
        var samples = MetricSamples()
        samples.add(1, to: MetricFamily("a_library_total", .counter, "L."))
        samples.add(1, to: MetricFamily.Process.threads)
        samples.add(1, to: MetricFamily.Requests.coalesced, "m")
        #expect(
            samples.all.map(\.family.name) == [
                "gateway_coalesced_requests_total", "process_threads", "a_library_total",
            ]
        )
    }

    @Test("A counter whose source begins anew goes on from where it was")
    func continuity() {
        func reading(_ count: UInt64) -> MetricSamples {
            var samples = MetricSamples()
            samples.add(count: count, to: MetricFamily.Backend.evictions, "local")
            samples.add(Double(count), to: MetricFamily.Backend.entries, "local")
            return samples
        }
        var continuity = CounterContinuity()
        #expect(continuity.adjusted(reading(5)).sum(of: MetricFamily.Backend.evictions) == 5)
        #expect(continuity.adjusted(reading(7)).sum(of: MetricFamily.Backend.evictions) == 7)
        #expect(continuity.adjusted(reading(2)).sum(of: MetricFamily.Backend.evictions) == 9)
        let later = continuity.adjusted(reading(3))
        #expect(later.sum(of: MetricFamily.Backend.evictions) == 10 && later.sum(of: MetricFamily.Backend.entries) == 3)
        #expect(continuity.adjusted(MetricSamples()).sum(of: MetricFamily.Backend.evictions) == 10, "none is lost")
    }
}
