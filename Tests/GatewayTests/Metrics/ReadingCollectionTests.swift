import Testing

@testable import Gateway

@Suite("Collecting from all event loops")
struct ReadingCollectionTests {
    private func collection(loops: Int) -> ReadingCollection<Int, String> {
        var collection = ReadingCollection<Int, String>()
        for _ in 0..<loops { _ = collection.addLoop() }
        return collection
    }

    @Test("It is complete when every loop has reported, and all who asked meanwhile have the same")
    func complete() throws {
        var collection = collection(loops: 2)
        let found1 = collection.ask("a")
        let round = try #require(found1)
        let second = collection.ask("b")
        #expect(second == nil, "one collection is for both")
        let early = collection.arrived(1, from: 0, of: round)
        #expect(early == nil)
        let found2 = collection.arrived(2, from: 1, of: round)
        let outcome = try #require(found2)
        #expect(outcome.readings == [1, 2] && outcome.late == 0 && outcome.waiters == ["a", "b"])
        let late = collection.timedOut(round)
        #expect(late == nil)
    }

    @Test("A loop that does not report in time has its last reading, and its late one counts the next time")
    func late() throws {
        var collection = collection(loops: 2)
        let found3 = collection.ask("a")
        let first = try #require(found3)
        _ = collection.arrived(10, from: 0, of: first)
        _ = collection.arrived(20, from: 1, of: first)
        let found4 = collection.ask("b")
        let second = try #require(found4)
        _ = collection.arrived(11, from: 0, of: second)
        let found5 = collection.timedOut(second)
        let outcome = try #require(found5)
        #expect(outcome.readings == [11, 20] && outcome.late == 1 && outcome.waiters == ["b"])
        let found6 = collection.ask("c")
        let third = try #require(found6)
        let stale = collection.arrived(21, from: 1, of: second)
        #expect(stale == nil, "a report for an earlier collection does not complete this one")
        _ = collection.arrived(12, from: 0, of: third)
        let found7 = collection.timedOut(third)
        let last = try #require(found7)
        #expect(last.readings == [12, 21])
    }

    @Test("A loop that has never reported is left out")
    func never() throws {
        var collection = collection(loops: 2)
        let found8 = collection.ask("a")
        let round = try #require(found8)
        _ = collection.arrived(1, from: 1, of: round)
        let found9 = collection.timedOut(round)
        let outcome = try #require(found9)
        #expect(outcome.readings == [1] && outcome.late == 1)
    }
}
