import Testing

@testable import Gateway

@Suite("The journal of events")
struct EventJournalTests {
    private func event(_ number: UInt64) -> GatewayEvent {
        GatewayEvent(time: number, kind: .reload, severity: .notice, text: "\(number)")
    }

    @Test("The last events are kept in order, and the earlier ones are forgotten")
    func ring() {
        var ring = EventRing(capacity: 3)
        for number in UInt64(1)...5 { ring.add(event(number)) }
        #expect(ring.events == [event(3), event(4), event(5)] && ring.count == 5)
        var least = EventRing(capacity: 0)
        least.add(event(1))
        least.add(event(2))
        #expect(least.events == [event(2)])
    }

    @Test("An event has the time at which it was noted, and a text on one line that is not too long")
    func note() {
        let journal = EventJournal(now: { 42 })
        journal.note(.cache, .warning, "two\nlines\u{1B}[31m" + String(repeating: "x", count: 1_000_000))
        let event = journal.events[0]
        #expect(event.time == 42 && event.kind == .cache && event.severity == .warning)
        #expect(event.text.hasPrefix(#"two\u{a}lines\u{1b}[31mx"#) && event.text.hasSuffix("x…"))
        #expect(event.text.utf8.count < 450)
    }

    @Test("A name that is long is written shorter")
    func shorter() {
        let journal = EventJournal()
        journal.shorten("", to: "x")
        journal.shorten("plugin (/long/path, 1.0)", to: "plugin")
        journal.note(.cache, .warning, "plugin (/long/path, 1.0) fails: plugin (/long/path, 1.0)!")
        #expect(journal.events.map(\.text) == ["plugin fails: plugin!"])
    }

    @Test("Many threads may note events, of which the last 200 are kept")
    func threads() async {
        let journal = EventJournal()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for number in 0..<100 { journal.note(.rotation, .notice, "\(number)") } }
            }
        }
        #expect(journal.events.count == EventJournal.capacity)
        #expect(journal.events.last?.text == "99")
    }
}
