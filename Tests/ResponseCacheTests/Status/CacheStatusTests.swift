import Testing

@testable import ResponseCache

@Suite("Cache-Status")
struct CacheStatusTests {
    @Test("every outcome is written as RFC 9211 has it")
    func rendering() {
        #expect(CacheStatus(.hit(timeToLive: 571)).value == "gateway; hit; ttl=571")
        #expect(CacheStatus(.hit(timeToLive: -3)).value == "gateway; hit; ttl=-3")
        #expect(CacheStatus(.hit(timeToLive: nil)).value == "gateway; hit")
        #expect(CacheStatus(.forwarded(.miss)).value == "gateway; fwd=miss")
        #expect(CacheStatus(.forwarded(.bypass)).value == "gateway; fwd=bypass")
        #expect(CacheStatus(.forwarded(.request)).value == "gateway; fwd=request")
        #expect(CacheStatus(.forwarded(.stale)).value == "gateway; fwd=stale")
        for (left, seconds) in [
            (Int64(1_999), "1"), (0, "0"), (-1, "-1"), (-1_000, "-1"), (-1_001, "-2"), (.min, "-9223372036854776"),
        ] {
            #expect(CacheStatus.hit(remaining: left).value == "gateway; hit; ttl=\(seconds)")
        }
        #expect(CacheStatus.hit(remaining: nil).value == "gateway; hit")
        var status = CacheStatus(.forwarded(.miss), detail: "timeout")
        status.isStored = true
        status.isCollapsed = true
        #expect(status.value == "gateway; fwd=miss; stored; collapsed; detail=timeout")
    }
}
