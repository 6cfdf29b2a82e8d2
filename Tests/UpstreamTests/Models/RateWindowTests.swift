import NIOCore
import Testing

@testable import Upstream

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

@Suite("The calls of a minute")
struct RateWindowTests {
    @Test("are as many as the limit allows, and the next minute begins with the first call after this one")
    func window() {
        var window = RateWindow(limit: 2)
        #expect(window.take(now: start) == nil)
        #expect(window.take(now: start + .seconds(59)) == nil)
        #expect(window.take(now: start + .seconds(59)) == start + .minutes(1))
        #expect(window.take(now: start + .seconds(70)) == nil)
        #expect(window.take(now: start + .seconds(129)) == nil)
        #expect(window.take(now: start + .seconds(129)) == start + .seconds(130))
    }

    @Test("do not include a call that has not begun")
    func givenBack() {
        var window = RateWindow(limit: 1)
        #expect(window.take(now: start) == nil)
        window.giveBack()
        #expect(window.take(now: start) == nil)
        #expect(window.take(now: start) != nil)
    }

    @Test("go to another deployment where one has had its share, and to none where all have")
    func choice() throws {
        let directory = ModelDirectory.make(
            ["a", "b"].map {
                DeploymentDescription(modelName: "m", model: "openai/\($0)", apiBase: "http://h", requestsPerMinute: 2)
            },
            calls: Calls.table,
            environment: { _ in nil }
        ).directory
        let group = try #require(directory.group(named: "m"))
        var random = Randomness(seed: 1)
        var counts = [0, 0]
        for _ in 0..<4 {
            if case .deployment(let index) = group.choose(tried: [], now: start, random: &random) { counts[index] += 1 }
        }
        #expect(counts == [2, 2])
        #expect(
            group.choose(tried: [], now: start + .seconds(1), random: &random) == .limited(until: start + .minutes(1))
        )
        guard case .deployment = group.choose(tried: [], now: start + .minutes(1), random: &random) else {
            return #expect(Bool(false))
        }
    }
}
