import Foundation
import SeededRandom
import Testing

@testable import LocalCache

/// The basis of docs/decisions/0004. The traces are made with a fixed seed, so that the figures are the same each time.
@Suite("Eviction compared")
struct EvictionComparison {
    @Test("S3-FIFO hits a little more often than SIEVE and much more often than LRU, with scans and without")
    func hitRatios() {
        for (name, scanEvery) in [("zipf", 0), ("zipf and scans", 10_000)] {
            let trace = Self.trace(scanEvery: scanEvery)
            let s3 = Self.ratio(S3(capacity: 1000), trace)
            let sieve = Self.ratio(Sieve(capacity: 1000), trace)
            let lru = Self.ratio(LRU(capacity: 1000), trace)
            print("hit ratio, \(name): S3-FIFO \(s3), SIEVE \(sieve), LRU \(lru)")
            #expect(s3 > sieve)
            #expect(s3 > lru + 0.05)
        }
    }

    /// 300,000 requests over 20,000 keys whose popularity falls as 1/rank^0.9. After every `scanEvery` of them come
    /// 3,000 keys that do not recur.
    static func trace(scanEvery: Int) -> [UInt32] {
        var random = SeededGenerator(seed: 7)
        var cumulative: [Double] = []
        var sum = 0.0
        for rank in 1...20_000 {
            sum += pow(Double(rank), -0.9)
            cumulative.append(sum)
        }
        var trace: [UInt32] = []
        var once: UInt32 = 1_000_000
        for step in 1...300_000 {
            let target = Double.random(in: 0..<sum, using: &random)
            var (low, high) = (0, cumulative.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if cumulative[middle] < target { low = middle + 1 } else { high = middle }
            }
            trace.append(UInt32(low))
            guard scanEvery > 0, step % scanEvery == 0 else { continue }
            for _ in 0..<3000 {
                trace.append(once)
                once += 1
            }
        }
        return trace
    }

    static func ratio(_ cache: some CacheModel, _ trace: [UInt32]) -> Double {
        let hits = trace.reduce(0) { $0 + (cache.request($1) ? 1 : 0) }
        return (Double(hits) / Double(trace.count) * 10_000).rounded() / 10_000
    }
}

protocol CacheModel: AnyObject {
    /// Requests a key, which is present afterwards, and returns whether it was present before.
    func request(_ key: UInt32) -> Bool
}

/// The plugin's own policy, over entries of one size.
final class S3: CacheModel {
    let capacity: Int
    var policy = EvictionPolicy(ghostCapacity: 1024)
    var entries: [UInt32: Entry] = [:]

    init(capacity: Int) { self.capacity = capacity }

    deinit { for entry in entries.values { _ = entry.release() } }

    func request(_ key: UInt32) -> Bool {
        if let entry = entries[key] {
            policy.hit(entry)
            return true
        }
        if entries.count >= capacity, let victim = policy.evict() {
            let old = victim.key.loadUnaligned(as: UInt32.self)
            entries[old] = nil
            _ = victim.release()
        }
        withUnsafeBytes(of: key) { bytes in
            let hash = key &* 2_654_435_769
            guard let entry = Entry.make(key: bytes, hash: hash, valueCount: 0, expiresAt: .max) else { return }
            policy.insert(entry)
            entries[key] = entry
        }
        return false
    }
}

/// Zhang et al., "SIEVE is simpler than LRU" (NSDI 2024): one queue, one bit, and a hand that moves from old to new.
final class Sieve: CacheModel {
    let capacity: Int
    /// The queue, of which the first is the oldest.
    var queue: [UInt32] = []
    var visited: [UInt32: Bool] = [:]
    var hand = 0

    init(capacity: Int) { self.capacity = capacity }

    func request(_ key: UInt32) -> Bool {
        if visited[key] != nil {
            visited[key] = true
            return true
        }
        if queue.count >= capacity {
            if hand >= queue.count { hand = 0 }
            while visited[queue[hand]] == true {
                visited[queue[hand]] = false
                hand = (hand + 1) % queue.count
            }
            visited[queue.remove(at: hand)] = nil
        }
        queue.append(key)
        visited[key] = false
        return false
    }
}

final class LRU: CacheModel {
    let capacity: Int
    var lastUse: [UInt32: Int] = [:]
    var uses: [(key: UInt32, time: Int)] = []
    var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    func request(_ key: UInt32) -> Bool {
        let wasThere = lastUse[key] != nil
        lastUse[key] = uses.count
        uses.append((key, uses.count))
        while lastUse.count > capacity {
            let use = uses[oldest]
            if lastUse[use.key] == use.time { lastUse[use.key] = nil }
            oldest += 1
        }
        return wasThere
    }
}
