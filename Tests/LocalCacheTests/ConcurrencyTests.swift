import Foundation
import SeededRandom
import Synchronization
import Testing

@testable import LocalCache

@Suite("Store under threads")
struct ConcurrencyTests {
    @Test("eight threads never read a value that was not written under its key")
    func hammer() {
        let store = Store(limits: StoreLimits(maxSize: 2 << 20, maxItemSize: 1 << 20))
        let wrong = Atomic<Int>(0)
        let hits = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var random = SeededGenerator(seed: UInt64(thread))
            for step in 0..<4000 {
                let number = UInt8.random(in: 0...255, using: &random)
                let key = "key-\(number)"
                switch step % 8 {
                case 0, 1, 2:
                    let count = Int.random(in: 1..<20_000, using: &random)
                    _ = store.write(key, [UInt8](repeating: number, count: count))
                case 3 where step % 64 == 3:
                    _ = Array("key-1".utf8).withUnsafeBytes { store.flush($0) }
                case 4:
                    _ = Array(key.utf8).withUnsafeBytes { store.remove($0, now: 0) }
                default:
                    guard let value = store.read(key, now: 0) else { continue }
                    hits.add(1, ordering: .relaxed)
                    if value != [UInt8](repeating: number, count: value.count) { wrong.add(1, ordering: .relaxed) }
                }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(hits.load(ordering: .relaxed) > 0)
        #expect(store.hasNoLeases)
        #expect(store.statistics.bytes <= 2 << 20)
    }
}
