import SeededRandom
import Testing

@testable import LocalCache

@Suite("Store")
struct StoreTests {
    @Test("it agrees with a dictionary after 60,000 random operations")
    func model() {
        let store = Store(limits: StoreLimits(maxSize: 64 << 20, maxItemSize: 1 << 20))
        var random = SeededGenerator(seed: 42)
        var now: UInt64 = 5_000_000_000
        var model: [String: (value: [UInt8], end: UInt64)] = [:]
        for step in 0..<60_000 {
            let key = "\("abc".randomElement(using: &random) ?? "a"):\(Int.random(in: 0..<400, using: &random))"
            let live = model[key].flatMap { $0.end > now ? $0.value : nil }
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                #expect(store.read(key, now: now) == live)
            case 45..<85:
                let count = Int.random(in: 0..<300, using: &random)
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: count)
                let end = Bool.random(using: &random) ? now + .random(in: 1..<3_000_000_000, using: &random) : .max
                #expect(store.write(key, value, expiresAt: end, now: now) == .stored)
                model[key] = (value, end)
            case 85..<98:
                #expect(Array(key.utf8).withUnsafeBytes { store.remove($0, now: now) } == (live != nil))
                model[key] = nil
            default:
                now += .random(in: 0..<500_000_000, using: &random)
                guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
                _ = Array("b:".utf8).withUnsafeBytes { store.flush($0) }
                model = model.filter { !$0.key.hasPrefix("b:") }
            }
        }
        for (key, entry) in model { #expect(store.read(key, now: now) == (entry.end > now ? entry.value : nil)) }
        store.removeAll()
        #expect(store.statistics.items == 0)
    }

    @Test("a lease keeps its bytes through overwrite, eviction and flush")
    func leases() throws {
        let store = Store(limits: StoreLimits(maxSize: 1 << 20, maxItemSize: 1 << 20))
        let value = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = store.write("kept", value)
        let lease = try #require(Array("kept".utf8).withUnsafeBytes { store.get($0, now: 0) })
        _ = store.write("kept", [1, 2, 3])
        for number in 0..<2000 { _ = store.write("filler-\(number)", [UInt8](repeating: 7, count: 5000)) }
        store.removeAll()
        #expect(Array(lease.value) == value)
        #expect(!store.hasNoLeases)
        #expect(store.release(lease))
        #expect(store.hasNoLeases)
    }

    @Test("max_size holds for tiny, usual, mixed and huge items", arguments: [1, 1000, 0, 4_000_000])
    func memoryBound(size: Int) {
        let limit = 16 << 20
        let store = Store(limits: StoreLimits(maxSize: limit, maxItemSize: 4 << 20))
        var random = SeededGenerator(seed: 1)
        var written = 0
        var number = 0
        while written < 3 * limit {
            let count = size == 0 ? Int.random(in: 0..<100_000, using: &random) : size
            let isStored = store.write("key-\(number)", [UInt8](repeating: 1, count: count)) == .stored
            let isFound = store.read("key-\(number)", now: 0)?.count == count
            guard isStored, isFound else {
                Issue.record("item \(number) of \(count) bytes, the newest, is not there")
                return
            }
            if number % 64 == 0 || size > 1000 { #expect(store.statistics.bytes <= UInt64(limit)) }
            written += count + 130
            number += 1
        }
        #expect(store.statistics.bytes > UInt64(limit) * 7 / 10, "the room is used")
        #expect(store.statistics.evictions > 0)
    }

    @Test("expired entries are removed by the operations on other keys")
    func sweep() {
        let store = Store(limits: StoreLimits(maxSize: 1 << 20, maxItemSize: 1 << 20))
        for number in 0..<500 { _ = store.write("key-\(number)", [1], expiresAt: 1_000_000_000) }
        for _ in 0..<600 { #expect(store.read("other", now: 5_000_000_000) == nil) }
        #expect(store.statistics.items == 0)
        #expect(store.statistics.expirations == 500)
    }

    @Test("an item over max_item_size is refused and counted")
    func tooLarge() {
        let store = Store(limits: StoreLimits(maxSize: 1 << 20, maxItemSize: 100))
        #expect(store.write("a", [UInt8](repeating: 0, count: 100)) == .stored)
        #expect(store.write("a", [UInt8](repeating: 0, count: 101)) == .tooLarge)
        #expect(store.statistics.rejections == 1)
        #expect(store.read("a", now: 0)?.count == 100)
    }
}

extension Store {
    func read(_ key: String, now: UInt64) -> [UInt8]? {
        guard let entry = Array(key.utf8).withUnsafeBytes({ get($0, now: now) }) else { return nil }
        defer { _ = release(entry) }
        return Array(entry.value)
    }

    func write(
        _ key: String,
        _ value: [UInt8],
        expiresAt: UInt64 = .max,
        now: UInt64 = 0
    ) -> StoreResult {
        Array(key.utf8).withUnsafeBytes { key in
            set(key, count: value.count, expiresAt: expiresAt, now: now) { target in
                value.withUnsafeBytes { source in
                    if let start = source.baseAddress { target.copyMemory(from: start, byteCount: source.count) }
                }
            }
        }
    }
}
