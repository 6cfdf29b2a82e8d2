import Dialects
import JSON
import NIOCore
import NIOEmbedded
import ResponseCache
import Testing

@testable import Gateway

@Suite("The table of flights")
struct FlightTableTests {
    private func key(_ name: String) throws -> CacheKey {
        try CacheKeyBuilder().key(
            for: KeyMaterial(
                tenant: "t",
                namespace: nil,
                clientNamespace: nil,
                callType: "completion",
                modelGroup: name,
                modelGroupFingerprint: Array("f".utf8),
                keyedValues: []
            ),
            body: document()
        )
    }

    private func document() throws -> JSONDocument {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: "{}"))
        return document
    }

    private let reader = Flight.Reader(eventLoop: EmbeddedEventLoop()) {}
    private let facts = CallFacts(began: 1_000, labels: [])

    private func join(_ table: FlightTable, _ key: CacheKey, needs: Bool = false, gives: Bool = true) -> (
        Bool, Flight
    )? {
        switch table.join(key, facts, needsUsage: needs, givesUsage: gives, backlog: 1, reader) {
        case .leads(let flight, _): (true, flight)
        case .follows(let flight, _): (false, flight)
        case nil: nil
        }
    }

    @Test("lets requests that ask the same follow a flight until it is removed")
    func joining() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30), purges: PurgeLog())
        let (a, b) = (try key("a"), try key("b"))
        let first = try #require(join(table, a))
        #expect(first.0)
        let second = try #require(join(table, a))
        #expect(!second.0 && second.1 === first.1)
        #expect(join(table, b)?.0 == true && table.count == 2)
        table.remove(first.1)
        let third = try #require(join(table, a))
        #expect(third.0 && third.1 !== first.1)
        table.remove(first.1)
        #expect(table.count == 2, "a flight that was removed already removes no other")
    }

    @Test("gives no flight that does not tell the usage to a request that wants to know it")
    func usage() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30), purges: PurgeLog())
        let a = try key("a")
        let silent = try #require(join(table, a, needs: false, gives: false))
        #expect(join(table, a, needs: false, gives: true)?.1 === silent.1)
        let telling = try #require(join(table, a, needs: true, gives: true))
        #expect(telling.0 && telling.1 !== silent.1)
        #expect(join(table, a, needs: false, gives: false)?.1 === telling.1)
    }

    @Test("has one refresh of a key at a time, which requests may follow")
    func refreshing() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30), purges: PurgeLog())
        let a = try key("a")
        let refresh = try #require(table.refresh(a, facts, givesUsage: true, backlog: 1))
        #expect(table.refresh(a, facts, givesUsage: false, backlog: 1) == nil)
        #expect(join(table, a)?.1 === refresh)
        #expect(table.follow(a, needsUsage: true, reader)?.0 === refresh)
        #expect(table.follow(try key("b"), needsUsage: false, reader) == nil)
    }

    @Test("lets nobody follow a flight whose answer was purged meanwhile, and refreshes anew")
    func purged() throws {
        let purges = PurgeLog()
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30), purges: purges)
        let (a, b) = (try key("a"), try key("b"))
        let before = try #require(join(table, a))
        let other = try #require(join(table, b))
        purges.add([.key(EntryLabel(key: a))], before: 1_001, at: 1_000)
        #expect(table.follow(a, needsUsage: false, reader) == nil)
        #expect(table.follow(b, needsUsage: false, reader)?.0 === other.1)
        let after = try #require(table.refresh(a, CallFacts(began: 1_001, labels: []), givesUsage: true, backlog: 1))
        #expect(after !== before.1)
        #expect(table.follow(a, needsUsage: false, reader)?.0 === after)
        table.remove(before.1)
        #expect(
            table.follow(a, needsUsage: false, reader)?.0 === after,
            "the end of the purged flight removes no other"
        )
    }
}
