import Testing

@testable import S3Cache

@Suite("What is done about a failure")
struct PolicyTests {
    @Test("is to try again, later each time, as often as allowed and within the deadline")
    func retries() {
        var policy = RetryPolicy(attempts: 4, deadline: nil)
        let pauses = (0..<4).map { _ in policy.next(now: 0, jitter: 0) }
        #expect(pauses == [25_000_000, 50_000_000, 100_000_000, nil])
        var bounded = RetryPolicy(attempts: 9, deadline: 60_000_000)
        var due = bounded.next(now: 0, jitter: 0)
        #expect(due == 25_000_000)
        due = bounded.next(now: 25_000_000, jitter: 0)
        #expect(due == nil, "it would be too late")
        var asked = RetryPolicy(attempts: 2, deadline: nil)
        due = asked.next(now: 0, jitter: 0, retryAfter: 3_000_000_000)
        #expect(due == 3_000_000_000)
    }

    @Test("is to go where the bucket is, and to remember it")
    func regions() {
        var location = Location(.plain())
        var isNews = location.moved(to: "eu-west-1")
        #expect(isNews)
        #expect(location.region == "eu-west-1" && location.address.host == "cache.s3.eu-west-1.amazonaws.com")
        isNews = location.moved(to: "eu-west-1")
        #expect(!isNews, "no circles")
        for nothing in [nil, "", "a b"] {
            isNews = location.moved(to: nothing)
            #expect(!isNews)
        }
    }

    @Test("is to sign with the server's time where ours is wrong")
    func clocks() {
        var location = Location(.plain())
        var isNews = location.sawClock("Sun, 30 Aug 2015 12:36:00 GMT", unix: 1_440_938_160 - 3_600)
        #expect(isNews)
        #expect(location.clockOffset == 3_600 && location.now(100) == 3_700)
        isNews = location.sawClock("Sun, 30 Aug 2015 12:36:05 GMT", unix: 1_440_938_160 - 3_600)
        #expect(!isNews, "seconds do not matter")
        isNews = location.sawClock("nonsense", unix: 0)
        #expect(!isNews)
    }
}
