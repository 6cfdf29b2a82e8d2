import PluginKit
import Testing

@testable import RedisCache

@Suite("The reports of an outage")
struct OutageTests {
    private let refused = BackendFailure(.unavailable, "refused")

    @Test("is one line, until the failure is of another kind")
    func once() {
        var outage = OutageReports()
        var said = outage.failed("a", refused)
        #expect(said == "refused")
        said = outage.failed("a", BackendFailure(.timeout, "timed out"))
        #expect(said == nil, "that it is silent now is no other outage")
        said = outage.failed("a", BackendFailure(.unauthorized, "wrong password"))
        #expect(said == "wrong password")
        for _ in 0..<3 {
            #expect(outage.failed("a", refused) == nil, "nor is one that comes and goes")
            #expect(outage.failed("a", BackendFailure(.unauthorized, "wrong password")) == nil)
        }
    }

    @Test("ends when every server is back")
    func recovery() {
        var outage = OutageReports()
        _ = outage.failed("a", refused)
        _ = outage.failed("b", refused)
        var isNews = outage.recovered("a")
        #expect(!isNews)
        isNews = outage.recovered("b")
        #expect(isNews)
        isNews = outage.recovered("b")
        #expect(!isNews)
        let said = outage.failed("a", refused)
        #expect(said == "refused", "the next outage is news again")
    }

    @Test("does not repeat a complaint that the server makes of every command")
    func complaints() {
        var outage = OutageReports()
        let full = BackendFailure(.full, "full")
        let minute: UInt64 = 60_000_000_000
        var said = outage.complained("oom", full, now: minute)
        #expect(said == "full")
        said = outage.complained("oom", full, now: 10 * minute)
        #expect(said == nil)
        said = outage.complained("auth", full, now: 10 * minute)
        #expect(said == "full")
        said = outage.complained("oom", full, now: 11 * minute)
        #expect(said == "full", "but it may be said again after ten minutes")
    }
}
