import PluginKit
import Testing

@testable import RedisCache

/// A connection without a socket.
private final class FakeConnection: DrivenConnection {
    let id: UInt64
    var deadline: UInt64?

    init(_ id: UInt64, deadline: UInt64? = nil) {
        self.id = id
        self.deadline = deadline
    }

    func onEvent(_ event: Poller.Event) {}
    func flush() {}
    func readMore() {}
    func deadlineReached() {}
    func resolved(_ result: Result<[SocketAddress], BackendFailure>, attempt: UInt64) {}
}

@Suite("The connections that the loop drives")
struct ConnectionTableTests {
    @Test("are found by ids that are never used again and never stand for a wake-up")
    func ids() {
        var table = ConnectionTable()
        let ids = (0..<3).map { _ in table.nextID() }
        #expect(Set(ids).count == 3 && !ids.contains(Poller.wakeUpID))
        let connection = FakeConnection(ids[0])
        table.add(connection)
        #expect(table[ids[0]] === connection && table[ids[1]] == nil)
        table.remove(connection)
        #expect(table[ids[0]] == nil && !ids.contains(table.nextID()))
    }

    @Test("are flushed and read on when they ask for it, in order and once")
    func requests() {
        var table = ConnectionTable()
        let (one, other) = (FakeConnection(1), FakeConnection(2))
        table.flushLater(other)
        table.flushLater(one)
        table.readLater(one)
        #expect(table.hasUnread)
        #expect(table.takeUnflushed().map(\.id) == [2, 1])
        #expect(table.takeUnread().map(\.id) == [1])
        #expect(!table.hasUnread && table.takeUnread().isEmpty && table.takeUnflushed().isEmpty)
    }

    @Test("are woken at their deadlines, the earliest of which ends the loop's sleep")
    func deadlines() {
        var table = ConnectionTable()
        #expect(table.nextDeadline == nil)
        for (id, deadline) in [(1, nil), (2, 30), (3, 10)] as [(UInt64, UInt64?)] {
            table.add(FakeConnection(id, deadline: deadline))
        }
        #expect(table.nextDeadline == 10)
        #expect(table.due(now: 9).isEmpty)
        #expect(table.due(now: 10).map(\.id) == [3])
        #expect(Set(table.due(now: 30).map(\.id)) == [2, 3])
    }
}
