import MetricFamilies
import Testing

@Suite("Histograms")
struct HistogramTests {
    private let bounds = HistogramBounds(ticks: [10, 20, 50], tick: 1)

    @Test(
        "A value is in the first bucket whose bound it does not exceed, and what is above all has a bucket of its own"
    )
    func buckets() throws {
        let histogram = Histogram(bounds)
        #expect(histogram.counts == nil)
        for value: Int64 in [-5, 0, 10, 11, 20, 50, 51, .max] { histogram.record(value) }
        let counts = try #require(histogram.counts)
        #expect(counts.buckets == [3, 2, 1, 2])
        #expect(counts.count == 8)
    }

    @Test("Nanoseconds are exposed as seconds, with bounds that are written as people write them")
    func seconds() throws {
        let histogram = Histogram(.requestTimes)
        histogram.record(250_000)
        histogram.record(1_500_000_000)
        let counts = try #require(histogram.counts)
        #expect(abs(counts.sum - 1.50025) < 1e-9)
        #expect(counts.bounds.values.prefix(3).map { "\($0)" } == ["0.0001", "0.00025", "0.0005"])
        #expect(counts.buckets[1] == 1)
    }

    @Test("Counts of several threads are added up, and those before are subtracted")
    func sums() {
        var one = HistogramCounts(bounds: bounds, buckets: [1, 2, 3, 4], sum: 10)
        let two = HistogramCounts(bounds: bounds, buckets: [1, 1, 1, 1], sum: 5)
        one.add(two)
        #expect(one.buckets == [2, 3, 4, 5] && one.sum == 15 && one.mean == 15 / 14)
        #expect(one.since(two).buckets == [1, 2, 3, 4] && one.since(two).sum == 10)
        one.add(HistogramCounts(bounds: .ages, buckets: [9], sum: 9))
        #expect(one.count == 14, "others' bounds are no reason to count wrongly")
    }

    @Test("A percentile is where PromQL puts it")
    func percentiles() throws {
        let counts = HistogramCounts(bounds: bounds, buckets: [10, 10, 0, 0])
        #expect(try #require(counts.percentile(0.5)) == 10)
        #expect(try #require(counts.percentile(0.75)) == 15)
        #expect(try #require(counts.percentile(1)) == 20)
        #expect(HistogramCounts(bounds: bounds).percentile(0.5) == nil)
        #expect(HistogramCounts(bounds: bounds, buckets: [0, 0, 0, 3]).percentile(0.5) == 50)
    }
}
