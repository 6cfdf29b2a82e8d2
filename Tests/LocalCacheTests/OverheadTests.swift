import Glibc
import Testing

@testable import LocalCache

@Suite("Memory accounting")
struct OverheadTests {
    @Test("the size of a block is what the C library says it takes", arguments: [1, 56, 57, 1000, 5000, 100_000])
    func blockSize(size: Int) throws {
        typealias UsableSize = @convention(c) (UnsafeMutableRawPointer?) -> Int
        let function = try #require(dlsym(nil, "malloc_usable_size"))
        let usableSize = unsafeBitCast(function, to: UsableSize.self)
        let block = malloc(size)
        defer { free(block) }
        // A free block that is 16 bytes too long cannot be split and is allocated whole.
        #expect([0, 16].contains(usableSize(block) + 8 - allocatedSize(size)))
    }

    @Test("the bytes accounted for entries of 1 KB are those really taken, and 27 to 54 of index for each")
    func overhead() throws {
        typealias UsableSize = @convention(c) (UnsafeMutableRawPointer?) -> Int
        let function = try #require(dlsym(nil, "malloc_usable_size"))
        let usableSize = unsafeBitCast(function, to: UsableSize.self)
        let store = Store(limits: StoreLimits(maxSize: 256 << 20, maxItemSize: 1 << 20))
        let empty = store.statistics.bytes
        let value = [UInt8](repeating: 1, count: 1024)
        var taken = 0
        for number in 10_000..<20_000 {
            let key = Array("key-\(number)".utf8)
            _ = store.write("key-\(number)", value)
            guard let entry = key.withUnsafeBytes({ store.get($0, now: 0) }) else { continue }
            taken += usableSize(entry.address) + 8
            _ = store.release(entry)
        }
        let accounted = Int(store.statistics.bytes - empty)
        let perEntry = allocatedSize(Entry.headerSize + 9 + 1024) - 9 - 1024
        #expect((56...71).contains(perEntry))
        let index = Double(accounted) / 10_000 - Double(perEntry + 9 + 1024)
        #expect(index >= 27 && index <= 54)
        #expect(taken > accounted * 94 / 100 && taken < accounted * 102 / 100)
    }
}
