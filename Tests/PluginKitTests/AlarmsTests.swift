import PluginKit
import Testing

@Suite("Alarms", .timeLimit(.minutes(1)))
struct AlarmsTests {
    @Test("alarms ring in the order in which they are due, and else in the order in which they were set")
    func order() {
        var alarms = Alarms()
        var rung: [Int] = []
        for (index, due) in [5, 3, 9, 3, 1, 7, 3, 5].enumerated() {
            alarms.set(at: UInt64(due)) { rung.append(index) }
        }
        #expect(alarms.next == 1)
        for action in alarms.ring(now: 0) { action() }
        #expect(rung == [])
        for action in alarms.ring(now: 5) { action() }
        #expect(rung == [4, 1, 3, 6, 0, 7])
        #expect(alarms.next == 7)
        alarms.set(at: 2) { rung.append(8) }
        for action in alarms.ring(now: 100) { action() }
        #expect(rung == [4, 1, 3, 6, 0, 7, 8, 5, 2])
        #expect(alarms.next == nil)
        alarms.set(at: 1) {}
        alarms.removeAll()
        #expect(alarms.next == nil)
    }

    @Test("an alarm costs little, however many are set")
    func many() {
        // Each turn rings one of twenty thousand alarms and sets one. Visiting all of them each time would take
        // minutes.
        var alarms = Alarms()
        var due: UInt64 = 1
        func next() -> UInt64 {
            due = due &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return due >> 20
        }
        for _ in 0..<20_000 { alarms.set(at: next()) {} }
        var rung = 0
        for _ in 0..<20_000 {
            let now = alarms.next ?? 0
            rung += alarms.ring(now: now).count
            alarms.set(at: now + next()) {}
        }
        #expect(rung >= 20_000)
    }
}
