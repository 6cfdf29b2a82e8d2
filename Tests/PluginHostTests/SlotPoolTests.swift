import Testing

@testable import PluginHost

@Suite("A pool gives out what was given back")
struct SlotPoolTests {
    private final class Thing {
        let slot: Int
        init(_ slot: Int) { self.slot = slot }
    }

    @Test("elements are made when needed, each for a slot of its own, and no more than there is room for")
    func capacity() {
        var pool = SlotPool<Thing>(capacity: 2)
        #expect(pool.element(at: 0) == nil)
        let (first, second) = (pool.take(Thing.init), pool.take(Thing.init))
        #expect(first?.slot == 0 && second?.slot == 1)
        #expect(pool.take(Thing.init) == nil)
        #expect(pool.inUse == 2)
        #expect(pool.element(at: 1) === second)
        #expect(pool.element(at: 2) == nil && pool.element(at: -1) == nil)
    }

    @Test("what was given back last is taken first")
    func reuse() throws {
        var pool = SlotPool<Thing>(capacity: 8)
        let things = (0..<3).compactMap { _ in pool.take(Thing.init) }
        pool.giveBack(things[0])
        pool.giveBack(things[2])
        #expect(pool.inUse == 1)
        #expect(pool.take(Thing.init) === things[2])
        #expect(pool.take(Thing.init) === things[0])
        #expect(pool.take(Thing.init)?.slot == 3)
    }
}
