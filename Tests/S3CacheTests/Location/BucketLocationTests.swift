import Testing

@testable import S3Cache

@Suite("Where the bucket is and what time it is there")
struct BucketLocationTests {
    @Test("is another region once the server says so, and is remembered")
    func regions() {
        var location = BucketLocation(.plain())
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

    @Test("is the server's time where this machine's clock is wrong")
    func clocks() {
        var location = BucketLocation(.plain())
        var isNews = location.sawClock("Sun, 30 Aug 2015 12:36:00 GMT", unix: 1_440_938_160 - 3_600)
        #expect(isNews)
        #expect(location.clockOffset == 3_600 && location.now(100) == 3_700)
        isNews = location.sawClock("Sun, 30 Aug 2015 12:36:05 GMT", unix: 1_440_938_160 - 3_600)
        #expect(!isNews, "seconds do not matter")
        isNews = location.sawClock("nonsense", unix: 0)
        #expect(!isNews)
    }
}
