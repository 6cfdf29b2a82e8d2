import Testing

@testable import ResponseCache

@Suite("Freshness")
struct FreshnessTests {
    private func freshness(_ age: UInt64, ttl: UInt64 = 1000, _ limits: FreshnessLimits = FreshnessLimits())
        -> Freshness
    {
        Freshness(storedAt: 5000, timeToLive: ttl, limits: limits, now: 5000 + age)
    }

    @Test("an entry is fresh as long as it is younger than its time to live")
    func timeToLive() {
        #expect(freshness(0) == .fresh(age: 0, remaining: 1000))
        #expect(freshness(999) == .fresh(age: 999, remaining: 1))
        #expect(freshness(1000) == .expired)
        #expect(freshness(UInt64.max - 5000, ttl: 0) == .fresh(age: UInt64.max - 5000, remaining: nil))
    }

    @Test("a clock that went backwards makes an entry new, not ancient")
    func backwards() {
        #expect(
            Freshness(storedAt: 5000, timeToLive: 10, limits: .init(maxAge: 0), now: 1) == .fresh(age: 0, remaining: 10)
        )
    }

    @Test("max-age counts from storing, and excludes what is older though fresh")
    func maxAge() {
        #expect(freshness(500, .init(maxAge: 500)) == .fresh(age: 500, remaining: 500))
        #expect(freshness(501, .init(maxAge: 500)) == .tooOld)
        #expect(freshness(1, .init(maxAge: 0)) == .tooOld)
        #expect(freshness(1200, .init(maxAge: 1100, maxStale: .any)) == .tooOld)
    }

    @Test("max-stale accepts what is past its time, up to its limit")
    func maxStale() {
        #expect(freshness(1200, .init(maxStale: .upTo(200))) == .acceptablyStale(age: 1200, staleness: 200))
        #expect(freshness(1201, .init(maxStale: .upTo(200))) == .expired)
        #expect(freshness(99999, .init(maxStale: .any)) == .acceptablyStale(age: 99999, staleness: 98999))
    }

    @Test("the time to live is the request's, else the configured one, else the backend's")
    func resolution() {
        #expect(Freshness.timeToLive(request: 1, configured: 2, backend: 3) == 1)
        #expect(Freshness.timeToLive(request: nil, configured: 2, backend: 3) == 2)
        #expect(Freshness.timeToLive(request: nil, configured: nil, backend: 3) == 3)
        #expect(Freshness.timeToLive(request: nil, configured: nil, backend: nil) == 0)
        #expect(Freshness.timeToLive(request: 0, configured: 2, backend: 3) == nil)
        #expect(Freshness.timeToLive(request: .max, configured: 2, backend: 3) == Milliseconds.longest)
    }

    @Test("seconds become milliseconds without trapping, whatever they are")
    func seconds() {
        #expect(Milliseconds.from(seconds: 1.5) == 1500)
        #expect(Milliseconds.from(seconds: 0.0001) == 1)
        #expect(Milliseconds.from(seconds: 0) == 0)
        #expect(Milliseconds.from(seconds: -0.0) == 0)
        #expect(Milliseconds.from(seconds: -1) == nil)
        #expect(Milliseconds.from(seconds: .nan) == nil)
        #expect(Milliseconds.from(seconds: -.infinity) == nil)
        #expect(Milliseconds.from(seconds: .infinity) == Milliseconds.longest)
        #expect(Milliseconds.from(seconds: 1e300) == Milliseconds.longest)
        #expect(Milliseconds.from(seconds: .leastNonzeroMagnitude) == 1)
    }
}
