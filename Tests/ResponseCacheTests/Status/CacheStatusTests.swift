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
        var status = CacheStatus(.forwarded(.miss), detail: "timeout")
        status.isStored = true
        status.isCollapsed = true
        #expect(status.value == "gateway; fwd=miss; stored; collapsed; detail=timeout")
    }
}
