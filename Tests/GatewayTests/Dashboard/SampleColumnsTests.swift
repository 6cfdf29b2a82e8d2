import JSON
import MetricFamilies
import Testing

@testable import Gateway

@Suite("The samples as JSON")
struct SampleColumnsTests {
    @Test("Each figure has an element for each interval, and null where nothing was measured")
    func columns() {
        var ring = SampleRing()
        var totals = SampleTotals()
        ring.add(totals, SampleGauges(), time: 1, monotonic: 1)
        totals.requests = 3
        totals.hitLatency = HistogramCounts(bounds: .requestTimes, buckets: [0, 2])
        ring.add(totals, SampleGauges(connections: 2, backendState: "up"), time: 11, monotonic: 10_000_000_001)
        ring.add(totals, SampleGauges(residentBytes: 4096), time: 21, monotonic: 20_000_000_001)
        let json = JSONWriter.object { SampleColumns(ring.points).write(to: &$0) }
        #expect(json.contains(#""time":[11,21],"seconds":[10.0,10.0],"requests":[3,0]"#), "\(json)")
        #expect(json.contains(#""hit_p50_ms":[0.175,null]"#) && json.contains(#""miss_p99_ms":[null,null]"#))
        #expect(json.contains(#""resident_bytes":[null,4096],"backend":["up",null]"#))
    }

    @Test("An hour of them stays below 100 KB")
    func size() {
        var ring = SampleRing()
        var totals = SampleTotals()
        for number in UInt64(0)...400 {
            totals.requests = number * 123_456_789
            totals.hits = number * 100_000_000
            totals.savedDollars = Double(number) * 0.123456789
            totals.hitLatency = HistogramCounts(bounds: .requestTimes, buckets: [number * 7, number, number])
            totals.missLatency = totals.hitLatency
            let gauges = SampleGauges(connections: 30_000, calls: 999, waiting: 9_999, residentBytes: 1 << 33)
            ring.add(totals, gauges, time: 1_800_000_000 + Int64(number) * 10, monotonic: number * 10_012_345_678)
        }
        let json = JSONWriter.object { SampleColumns(ring.points).write(to: &$0) }
        #expect(json.utf8.count < 100_000, "\(json.utf8.count)")
    }
}
