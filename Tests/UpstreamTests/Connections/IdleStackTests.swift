import NIOCore
import Testing

@testable import Upstream

private final class Thing {}

@Suite("Unused connections")
struct IdleStackTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    @Test("are used in the order last in, first out")
    func order() {
        var stack = IdleStack<Thing>(limit: 4)
        let (one, two) = (Thing(), Thing())
        #expect(stack.push(one, now: start) == nil)
        #expect(stack.push(two, now: start) == nil)
        #expect(stack.pop() === two)
        #expect(stack.pop() === one)
        #expect(stack.pop() == nil)
    }

    @Test("make room for newer ones, oldest first")
    func limit() {
        var stack = IdleStack<Thing>(limit: 1)
        let (one, two) = (Thing(), Thing())
        #expect(stack.push(one, now: start) == nil)
        #expect(stack.push(two, now: start) === one)
        #expect(stack.count == 1)
        var none = IdleStack<Thing>(limit: 0)
        #expect(none.push(one, now: start) === one)
    }

    @Test("are removed when they are too old, and only then")
    func age() {
        var stack = IdleStack<Thing>(limit: 4)
        let things = (0..<3).map { _ in Thing() }
        for (second, thing) in things.enumerated() { _ = stack.push(thing, now: start + .seconds(Int64(second))) }
        let old = stack.removeIdle(since: start + .seconds(1))
        #expect(old.count == 2 && old[0] === things[0] && old[1] === things[1])
        #expect(stack.pop() === things[2])
        #expect(stack.removeIdle(since: .distantFuture).isEmpty)
    }

    @Test("make way for a smaller limit, oldest first, and for none at all")
    func smallerLimit() {
        var stack = IdleStack<Thing>(limit: 4)
        let things = (0..<3).map { _ in Thing() }
        for thing in things { _ = stack.push(thing, now: start) }
        #expect(stack.setLimit(8).isEmpty)
        let surplus = stack.setLimit(2)
        #expect(surplus.count == 1 && surplus[0] === things[0])
        #expect(stack.setLimit(0).count == 2)
        #expect(stack.push(things[0], now: start) === things[0])
    }

    @Test("are forgotten when they are closed")
    func remove() {
        var stack = IdleStack<Thing>(limit: 4)
        let (one, two) = (Thing(), Thing())
        _ = stack.push(one, now: start)
        _ = stack.push(two, now: start)
        stack.remove(one)
        stack.remove(Thing())
        #expect(stack.removeAll().count == 1)
    }
}

@Suite("A connection to a server")
struct ConnectionStateTests {
    /// A connection that has sent a request, the first or a later one.
    private func waiting(isReused: Bool = false) -> UpstreamConnectionState {
        var state = UpstreamConnectionState()
        state.becameReady()
        if isReused {
            _ = state.begin()
            _ = state.bytesArrived()
            _ = state.headArrived(keepsAlive: true)
            state.endArrived(isRequestSent: true)
            _ = state.readCompleted()
        }
        _ = state.begin()
        return state
    }

    @Test("is kept after a whole answer, once everything that had arrived was read")
    func keep() {
        var state = waiting()
        #expect(state.bytesArrived() == true)
        #expect(state.headArrived(keepsAlive: true) == true)
        #expect(state.readCompleted() == .nothing)
        state.endArrived(isRequestSent: true)
        #expect(state.begin() == false)
        #expect(state.readCompleted() == .keep)
        #expect(state.begin() == true)
    }

    @Test(
        "is closed after an answer that says so, or that came before the request was sent",
        arguments: [
            (false, true), (true, false),
        ]
    )
    func close(keepsAlive: Bool, isRequestSent: Bool) {
        var state = waiting()
        _ = state.headArrived(keepsAlive: keepsAlive)
        state.endArrived(isRequestSent: isRequestSent)
        #expect(state.readCompleted() == .close)
    }

    @Test("is closed when bytes arrive that belong to no answer")
    func surplus() {
        var state = UpstreamConnectionState()
        state.becameReady()
        #expect(state.bytesArrived() == false)
        var answered = waiting()
        _ = answered.headArrived(keepsAlive: true)
        #expect(answered.headArrived(keepsAlive: true) == false)
        answered.endArrived(isRequestSent: true)
        #expect(answered.bytesArrived() == false)
    }

    @Test("is stale only if it was used before and nothing of the present answer has arrived")
    func stale() {
        #expect(!waiting().isStale)
        var reused = waiting(isReused: true)
        #expect(reused.isStale)
        _ = reused.bytesArrived()
        #expect(!reused.isStale)
    }

    @Test("is closed if an unwanted answer has not arrived in full, and kept if it has")
    func abandoned() {
        var partial = waiting()
        _ = partial.headArrived(keepsAlive: true)
        partial.abandon()
        #expect(partial.readCompleted() == .close)
        var whole = waiting()
        _ = whole.headArrived(keepsAlive: true)
        whole.abandon()
        whole.endArrived(isRequestSent: true)
        #expect(whole.readCompleted() == .keep)
        #expect(whole.begin() == true)
        #expect(whole.readCompleted() == .nothing)
    }

    @Test("ends once")
    func ends() {
        var state = waiting()
        #expect(state.closed() == .waiting)
        #expect(state.closed() == nil)
        #expect(state.begin() == false)
    }
}
