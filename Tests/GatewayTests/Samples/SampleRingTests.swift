import Testing

@testable import Gateway

@Suite("The samples of the last hour")
struct SampleRingTests {
    private static let second: UInt64 = 1_000_000_000

    private func totals(_ requests: UInt64, _ models: [String: UInt64] = [:]) -> SampleTotals {
        var totals = SampleTotals()
        totals.requests = requests
        totals.models = models.mapValues { SampleTotals.Model(requests: $0, hits: $0 / 2) }
        return totals
    }

    @Test("An interval has what was counted in it, and the first sample only begins one")
    func deltas() {
        var ring = SampleRing()
        ring.add(totals(5, ["a": 5]), SampleGauges(), time: 100, monotonic: 1 * Self.second)
        #expect(ring.points.isEmpty && ring.seconds == 0)
        ring.add(totals(12, ["a": 8, "b": 4]), SampleGauges(connections: 3), time: 110, monotonic: 11 * Self.second)
        ring.add(totals(12, ["a": 8, "b": 4]), SampleGauges(), time: 125, monotonic: 26 * Self.second)
        #expect(ring.points.map(\.time) == [110, 125] && ring.points.map(\.seconds) == [10, 15])
        #expect(ring.points[0].counted.requests == 7 && ring.points[0].gauges.connections == 3)
        #expect(ring.points[0].counted.models["a"] == SampleTotals.Model(requests: 3, hits: 2))
        #expect(ring.points[1].counted == SampleTotals(), "nothing is kept of an interval in which nothing happened")
        #expect(ring.sum(with: totals(12)).requests == 7 && ring.seconds == 25)
    }

    @Test("The sum has what was counted since the last sample too, also before there is one")
    func present() {
        var ring = SampleRing()
        #expect(ring.sum(with: totals(3, ["a": 3])).models["a"]?.requests == 3)
        ring.add(totals(5), SampleGauges(), time: 100, monotonic: 1 * Self.second)
        ring.add(totals(8), SampleGauges(), time: 110, monotonic: 11 * Self.second)
        #expect(ring.sum(with: totals(10)).requests == 5 && ring.points.count == 1)
    }

    @Test("It forgets what is more than an hour ago, whatever the wall clock does")
    func hour() {
        var ring = SampleRing()
        for number in UInt64(0)...400 {
            ring.add(totals(number), SampleGauges(), time: 1000 - Int64(number), monotonic: number * 10 * Self.second)
        }
        #expect(ring.points.count == 360 && ring.sum(with: totals(400)).requests == 360 && ring.seconds == 3600)
        #expect(ring.points.first?.time == 959 && ring.points.last?.time == 600)
        ring.add(totals(500), SampleGauges(), time: 0, monotonic: 400 * 10 * Self.second)
        #expect(ring.points.count == 360, "an interval of no length is none")
    }

    @Test("A count that is less than before, as of another counter, counts as nothing")
    func decrease() {
        var before = totals(10, ["a": 10])
        before.savedDollars = 2
        before.reasons = ["absent": 7]
        var after = totals(4, ["a": 3])
        after.reasons = ["absent": 3, "expired": 2]
        let added = after.since(before)
        #expect(added.requests == 0 && added.savedDollars == 0 && added.models.isEmpty)
        #expect(added.reasons == ["expired": 2])
    }
}
