import Testing

@testable import PluginHost

@Suite("An operation whose deadline has passed counts once")
struct OverdueOperationsTests {
    @Test("a plugin that cannot tell its failures apart is not waited for")
    func plain() {
        var overdue = OverdueOperations(areJudgedByCompletion: false)
        #expect(overdue.deadlinePassed() == .failure)
        #expect(overdue.count == 0)
    }

    @Test("a plugin that can is waited for, until so many operations are overdue that it seems to hang")
    func judged() {
        var overdue = OverdueOperations(areJudgedByCompletion: true)
        for _ in 0..<OverdueOperations.most { #expect(overdue.deadlinePassed() == .whenCompleted) }
        #expect(overdue.deadlinePassed() == .failure)
        #expect(overdue.count == OverdueOperations.most)
        overdue.completed()
        #expect(overdue.deadlinePassed() == .whenCompleted)
    }
}
