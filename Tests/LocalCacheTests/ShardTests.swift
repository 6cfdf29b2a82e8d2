import SeededRandom
import Testing

@testable import LocalCache

@Suite("Shard and eviction policy")
struct ShardTests {
    @Test("a flush in steps misses no key that was there, while others come and go and the index is resized")
    func interruptedFlush() {
        var shard = Shard()
        var random = SeededGenerator(seed: 3)
        var retired = RetiredEntries()
        let prefix = Array("a:".utf8)
        func entry(_ key: String) -> Entry? {
            let hash = UInt32(truncatingIfNeeded: random.next())
            return Array(key.utf8).withUnsafeBytes { Entry.make(key: $0, hash: hash, valueCount: 0, expiresAt: .max) }
        }
        var others: [Entry] = []
        for number in 0..<4000 {
            guard let wanted = entry("a:\(number)"), let other = entry("b:\(number)") else { continue }
            shard.insert(wanted, now: 0, retired: &retired)
            shard.insert(other, now: 0, retired: &retired)
            others.append(other)
        }
        var next: UInt32? = 0
        var step = 0
        while let hash = next {
            next = prefix.withUnsafeBytes { shard.flush($0, from: hash, slots: 64, retired: &retired) }
            for _ in 0..<40 where !others.isEmpty {
                let other = others.removeLast()
                let isGone = shard.remove(other.header.pointee.hash, other.key, now: 0, retired: &retired)
                #expect(isGone)
            }
            for number in 0..<(step < 40 ? 200 : 0) {
                guard let new = entry("c:\(step):\(number)") else { continue }
                shard.insert(new, now: 0, retired: &retired)
            }
            step += 1
        }
        var removed = 0
        while let entry = retired.next() {
            if entry.key.starts(with: prefix) { removed += 1 }
            _ = entry.release()
        }
        #expect(removed == 4000)
        #expect(step > 40)
    }

    @Test("what was hit twice outlives a scan, and what was evicted too early returns to the main queue")
    func policy() throws {
        var policy = EvictionPolicy(ghostCapacity: 64)
        func entry(_ hash: UInt32) throws -> Entry {
            let entry = withUnsafeBytes(of: hash) {
                Entry.make(key: $0, hash: hash, valueCount: 0, expiresAt: .max)
            }
            return try #require(entry)
        }
        let popular = try entry(1)
        policy.insert(popular)
        policy.hit(popular)
        policy.hit(popular)
        for hash in 2..<20 { policy.insert(try entry(UInt32(hash))) }
        for hash in 2..<12 {
            let evicted = policy.evict()
            let victim = try #require(evicted)
            let victimHash = victim.header.pointee.hash
            #expect(victimHash == UInt32(hash))
            #expect(victim.release())
        }
        let popularIsInMain = popular.header.pointee.isInMain
        #expect(popularIsInMain)
        let returned = try entry(11)
        policy.insert(returned)
        let returnedIsInMain = returned.header.pointee.isInMain
        #expect(returnedIsInMain)
        let mainCount = policy.main.count
        #expect(mainCount == 2)
        while let rest = policy.evict() { _ = rest.release() }
    }
}
