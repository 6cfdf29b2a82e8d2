import Testing

@testable import Gateway

@Suite("The rate of requests")
struct RequestRateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("As many requests as the limit come at once, and not one more", arguments: [1, 3, 7, 60, 1_000, 10_000_000])
    func burst(limit: Int) {
        var rate = RequestRate()
        let now = 5 * Self.second
        let most = min(limit, 5_000)
        for number in 0..<most {
            #expect(rate.remaining(limit: limit, at: now) == limit - number)
            #expect(rate.admit(limit: limit, at: now) == 0)
        }
        guard most == limit else { return }
        #expect(rate.remaining(limit: limit, at: now) == 0)
        #expect(rate.admit(limit: limit, at: now) == 60 * Self.second / UInt64(limit))
        #expect(rate.inUse(at: now) == 60 * Self.second / UInt64(limit) * UInt64(limit))
    }

    @Test("A refused request may come after the wait that it was told, and no nanosecond earlier")
    func wait() {
        var rate = RequestRate()
        for _ in 0..<3 { #expect(rate.admit(limit: 3, at: 0) == 0) }
        #expect(rate.admit(limit: 3, at: 4 * Self.second) == 16 * Self.second)
        #expect(rate.admit(limit: 3, at: 20 * Self.second - 1) == 1)
        #expect(rate.admit(limit: 3, at: 20 * Self.second) == 0)
        #expect(rate.admit(limit: 3, at: 20 * Self.second) == 20 * Self.second)
    }

    @Test("In the long run it admits the limit a minute, however often it is asked")
    func sustained() {
        var rate = RequestRate()
        var admitted = 0
        // Ten minutes, asked every 10 ms.
        for tick in 0..<60_000 where rate.admit(limit: 100, at: UInt64(tick) * 10_000_000) == 0 { admitted += 1 }
        #expect((1_098...1_100).contains(admitted), "a burst of 100, and 100 for each minute: \(admitted)")
    }

    @Test("After a pause the whole limit is there again, and no more than that")
    func pause() {
        var rate = RequestRate()
        for _ in 0..<5 { _ = rate.admit(limit: 5, at: 0) }
        #expect(rate.remaining(limit: 5, at: 59 * Self.second) == 4)
        #expect(rate.remaining(limit: 5, at: 3_600 * Self.second) == 5)
        #expect(rate.inUse(at: 3_600 * Self.second) == 0)
    }

    @Test("A limit that changes counts from then on")
    func changed() {
        var rate = RequestRate()
        for _ in 0..<60 { #expect(rate.admit(limit: 60, at: 0) == 0) }
        #expect(rate.admit(limit: 120, at: 0) == Self.second / 2)
        #expect(rate.remaining(limit: 2, at: 0) == 0)
        #expect(rate.remaining(limit: 2, at: 30 * Self.second) == 1)
    }
}

@Suite("What the holders of a key use")
struct KeyUsageTests {
    @Test("Requests at a time are limited, and one that ends makes room; a refused one uses no place of the minute")
    func parallel() {
        let usage = KeyUsage()
        let limits = KeyLimits(requestsPerMinute: 10, parallelRequests: 2)
        #expect(usage.begin(limits, at: 0) == .admitted && usage.begin(limits, at: 0) == .admitted)
        #expect(usage.begin(limits, at: 0) == .tooManyAtOnce)
        #expect(usage.figures(limits, at: 0)?.remaining == 8)
        usage.end()
        #expect(usage.begin(limits, at: 0) == .admitted)
        #expect(usage.underWay == 2)
    }

    @Test("A request over the limit a minute is told the wait and does not count as one in progress")
    func rate() {
        let usage = KeyUsage()
        let limits = KeyLimits(requestsPerMinute: 1, parallelRequests: nil)
        #expect(usage.begin(limits, at: 0) == .admitted)
        #expect(usage.begin(limits, at: 0) == .tooMany(wait: 60_000_000_000))
        #expect(usage.underWay == 1)
    }

    @Test("It is kept by name while anything refers to it, and by nothing else")
    func kept() {
        let usages = KeyUsages()
        var usage: KeyUsage? = usages.usage(of: "a")
        #expect(usages.usage(of: "a") === usage && usages.usage(of: "b") !== usage)
        weak let former = usage
        usage = nil
        #expect(former == nil)
        #expect(usages.usage(of: "a").underWay == 0)
    }
}

@Suite("The header fields about limits")
struct RateFieldsTests {
    @Test(
        "Durations have OpenAI's form and are rounded up to milliseconds",
        arguments: [
            (0, "0s"), (1, "1ms"), (20_000_000, "20ms"), (999_000_001, "1s"), (1_000_000_000, "1s"),
            (8_640_000_000, "8.64s"), (59_001_000_000, "59.001s"), (60_000_000_000, "1m0s"),
            (90_500_000_000, "1m30.5s"),
        ] as [(UInt64, String)]
    )
    func durations(nanoseconds: UInt64, text: String) {
        #expect(RateFields.duration(nanoseconds) == text)
    }
}
