import NIOCore
import Testing

@testable import Gateway

@Suite("The backlog of a connection")
struct RequestBacklogTests {
    private let budget = MemoryBudget(limit: 4 << 20)

    private func backlog() -> RequestBacklog {
        RequestBacklog(limits: RequestReader.Limits(), Served.routes, budget.makeAccount())
    }

    @Test("is counted against the memory budget, and no more than that once it has been read")
    func counted() {
        var backlog = backlog()
        backlog.receive(ByteBuffer(string: "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET"))
        guard case .head = backlog.next(), case .end = backlog.next() else { return #expect(Bool(false)) }
        #expect(backlog.count == 3)
        #expect(backlog.isAffordable() == true)
        #expect(backlog.isInsideHead && !backlog.isBetweenRequests)
        backlog.drop()
        #expect(backlog.count == 0)
        #expect(budget.held <= 1 << 20, "no more than what an account keeps for the next request")
    }

    @Test("is dropped where it is more than one connection may have waiting")
    func tooMuch() {
        var backlog = backlog()
        backlog.receive(ByteBuffer(repeating: 0x61, count: RequestBacklog.limit + 1))
        #expect(backlog.isAffordable() == false)
        #expect(backlog.count == 0)
    }

    @Test("is dropped where the memory budget has no room for it")
    func noRoom() {
        let full = MemoryBudget(limit: 1)
        var backlog = RequestBacklog(limits: RequestReader.Limits(), Served.routes, full.makeAccount())
        backlog.receive(ByteBuffer(repeating: 0x61, count: 100_000))
        #expect(backlog.isAffordable() == false)
        #expect(backlog.count == 0)
    }
}
