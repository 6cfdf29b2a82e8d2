import Testing

@testable import S3Cache

@Suite("Another try of a request")
struct RetryPolicyTests {
    @Test("is made later each time, as often as allowed and within the deadline")
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
}
