import PluginKit
import Testing

@Suite("The pause before another try")
struct BackOffTests {
    @Test("is longer after each failure up to five seconds, never twice the same, and starts over after a success")
    func pauses() {
        var backOff = BackOff()
        let shortest = (0..<12).map { _ in backOff.next(jitter: 0) / 1_000_000 }
        #expect(shortest == [25, 50, 100, 200, 400, 800, 1600, 2500, 2500, 2500, 2500, 2500])
        backOff.reset()
        let longest = (0..<9).map { _ in backOff.next(jitter: 0.999999999) }
        #expect(longest.first.map { $0 > 49_000_000 && $0 <= 50_000_000 } == true)
        #expect(longest.last.map { $0 > 4_900_000_000 && $0 <= 5_000_000_000 } == true)
    }
}
