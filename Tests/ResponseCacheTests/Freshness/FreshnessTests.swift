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

    @Test("min-fresh excludes what is not fresh for so long, and with it everything past its time")
    func minFresh() {
        #expect(freshness(400, .init(minFresh: 600)) == .fresh(age: 400, remaining: 600))
        #expect(freshness(401, .init(minFresh: 600)) == .tooOld)
        #expect(freshness(999, .init(minFresh: 0)) == .fresh(age: 999, remaining: 1))
        #expect(freshness(1000, .init(maxStale: .any, minFresh: 0)) == .tooOld)
        #expect(freshness(1000, .init(minFresh: 0)) == .expired)
        #expect(freshness(99, ttl: 0, .init(minFresh: .max)) == .fresh(age: 99, remaining: nil))
    }

    @Test("max-stale accepts what is past its time, up to its limit")
    func maxStale() {
        #expect(freshness(1200, .init(maxStale: .upTo(200))) == .acceptablyStale(age: 1200, staleness: 200))
        #expect(freshness(1201, .init(maxStale: .upTo(200))) == .expired)
        #expect(freshness(99999, .init(maxStale: .any)) == .acceptablyStale(age: 99999, staleness: 98999))
    }

    @Test("past its time an entry is revalidated within the one window, served on errors within the other, then gone")
    func windows() {
        func freshness(_ age: UInt64, _ revalidate: UInt64, _ error: UInt64, _ limits: FreshnessLimits = .init())
            -> Freshness
        {
            Freshness(
                storedAt: 5000,
                timeToLive: 1000,
                staleWhileRevalidate: revalidate,
                staleIfError: error,
                limits: limits,
                now: 5000 + age
            )
        }
        #expect(freshness(999, 100, 200) == .fresh(age: 999, remaining: 1))
        #expect(freshness(1000, 100, 200) == .revalidating(age: 1000, staleness: 0))
        #expect(freshness(1099, 100, 200) == .revalidating(age: 1099, staleness: 99))
        #expect(freshness(1100, 100, 200) == .staleIfError(age: 1100, staleness: 100))
        #expect(freshness(1199, 100, 200) == .staleIfError(age: 1199, staleness: 199))
        #expect(freshness(1200, 100, 200) == .expired)
        #expect(freshness(1150, 200, 100) == .revalidating(age: 1150, staleness: 150))
        #expect(freshness(1150, 200, 100, .init(maxStale: .any)) == .acceptablyStale(age: 1150, staleness: 150))
        #expect(freshness(1150, 200, 100, .init(maxAge: 1149)) == .tooOld)
        #expect(freshness(1150, 200, 100, .init(minFresh: 0)) == .tooOld)
        #expect(freshness(1150, 100, 200, .init(minFresh: 0)) == .tooOld)
        #expect(freshness(.max - 5000, .max, 0) == .revalidating(age: .max - 5000, staleness: .max - 6000))
    }

    @Test("a backend keeps an entry for its time to live and the longer window, and for ever what has no time")
    func retention() {
        let policy = CachePolicy(staleWhileRevalidate: 100, staleIfError: 300)
        #expect(policy.retention(of: 1000) == 1300)
        #expect(policy.retention(of: 0) == 0)
        #expect(policy.retention(of: Milliseconds.longest) == Milliseconds.longest)
        #expect(CachePolicy().retention(of: 1000) == 1000)
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
