import Testing

@testable import PluginHost

@Suite("The calls that wait for a thread")
struct CallQueueTests {
    private final class Call: Equatable {
        let name: Int
        init(_ name: Int) { self.name = name }
        static func == (one: Call, other: Call) -> Bool { one.name == other.name }
    }

    @Test("calls are made in order, and urgent ones before all others")
    func order() {
        var queue = CallQueue<Call>(capacity: 10)
        for name in [1, 2] { _ = queue.append(Call(name), isUrgent: false) }
        for name in [3, 4] { _ = queue.append(Call(name), isUrgent: true) }
        var made: [Int] = []
        while let call = queue.next() { made.append(call.call.name) }
        #expect(made == [3, 4, 1, 2])
    }

    @Test("a full queue takes urgent calls only")
    func capacity() {
        var queue = CallQueue<Call>(capacity: 1)
        #expect(queue.append(Call(1), isUrgent: false) != nil)
        #expect(queue.append(Call(2), isUrgent: false) == nil)
        #expect(queue.append(Call(3), isUrgent: true) != nil)
        #expect(queue.count == 2)
    }

    @Test("a call that is withdrawn is not made, and its place is free; one that was begun cannot be withdrawn")
    func withdrawal() throws {
        var queue = CallQueue<Call>(capacity: 2)
        let first = queue.append(Call(1), isUrgent: false)
        let second = queue.append(Call(2), isUrgent: false)
        #expect(queue.withdraw(try #require(first)) == .stuck)
        #expect(queue.append(Call(3), isUrgent: false) != nil)
        #expect(queue.next()?.call.name == 2)
        #expect(queue.withdraw(try #require(second)) == .begun(hasWaited: false))
        #expect(queue.withdraw(try #require(first)) == .begun(hasWaited: false))
        let waiting = queue.append(Call(4), isUrgent: false)
        let next = queue.next()
        let begun = try #require(next)
        let last = queue.append(Call(5), isUrgent: false)
        queue.returned(begun)
        #expect(queue.withdraw(try #require(last)) == .crowdedOut)
        #expect(queue.next()?.call.name == 4)
        #expect(queue.withdraw(try #require(waiting)) == .begun(hasWaited: true), "another was made first")
        #expect(queue.append(Call(6), isUrgent: false) != nil)
        #expect(queue.removeAll().map(\.name) == [6])
        #expect(queue.next() == nil)
    }

    @Test("withdrawn calls are forgotten, however many there are while nothing is made")
    func compaction() throws {
        var queue = CallQueue<Call>(capacity: 1_000)
        let kept = queue.append(Call(-1), isUrgent: false)
        for name in 0..<100_000 {
            let ticket = queue.append(Call(name), isUrgent: name % 2 == 0)
            #expect(queue.withdraw(try #require(ticket)) == .stuck)
        }
        #expect(queue.count == 1 && queue.length < 200)
        #expect(queue.withdraw(try #require(kept)) == .stuck)
    }
}
