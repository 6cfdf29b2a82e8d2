import NIOCore
import SeededRandom
import Testing

@testable import ResponseCache

@Suite("Entries on their way to the backend")
struct PendingStoresTests {
    private func entry(_ size: Int) -> PendingStore {
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 0,
            timeToLive: 0,
            contentType: "application/json",
            bodyLength: size
        )
        return PendingStore(header: header, body: [ByteBuffer(repeating: 0, count: size)])
    }

    @Test("an entry is found until it is confirmed")
    func confirmation() throws {
        let table = PendingStores()
        let generation = table.insert(try makeKey(), entry(10))
        #expect(table.find(try makeKey())?.header.bodyLength == 10)
        #expect(table.find(try makeKey(1)) == nil)
        table.remove(try makeKey(), generation: generation)
        #expect(table.find(try makeKey()) == nil)
        #expect(table.entryCount == 0)
    }

    @Test("the confirmation of an earlier entry leaves the later one")
    func generations() throws {
        let table = PendingStores()
        let first = table.insert(try makeKey(), entry(1))
        let second = table.insert(try makeKey(), entry(2))
        table.remove(try makeKey(), generation: first)
        #expect(table.find(try makeKey())?.header.bodyLength == 2)
        table.remove(try makeKey(), generation: second)
        #expect(table.entryCount == 0)
    }

    @Test("where there is no room the oldest go, and what can never fit is not held")
    func bound() throws {
        let table = PendingStores(capacity: 10 * (EntryLayout.fixedLength + 100))
        for number in 0..<1000 { _ = table.insert(try makeKey(number), entry(100)) }
        #expect(table.entryCount == 10)
        #expect(table.find(try makeKey(989)) == nil)
        #expect(table.find(try makeKey(990)) != nil)
        _ = table.insert(try makeKey(5000), entry(1 << 20))
        #expect(table.find(try makeKey(5000)) == nil)
        #expect(table.entryCount == 10)
        table.removeAll()
        #expect(table.entryCount == 0)
    }

    @Test("many inserts and confirmations in mixed order leave what is not confirmed")
    func mixed() throws {
        var random = SeededGenerator(seed: 7)
        let table = PendingStores()
        var held: [Int: (generation: UInt64, size: Int)] = [:]
        for _ in 0..<5000 {
            let number = Int.random(in: 0..<200, using: &random)
            if let known = held[number], Bool.random(using: &random) {
                table.remove(try makeKey(number), generation: known.generation)
                held[number] = nil
            } else {
                let size = Int.random(in: 1...50, using: &random)
                held[number] = (table.insert(try makeKey(number), entry(size)), size)
            }
        }
        #expect(table.entryCount == held.count)
        for number in 0..<200 { #expect(table.find(try makeKey(number))?.header.bodyLength == held[number]?.size) }
    }
}
