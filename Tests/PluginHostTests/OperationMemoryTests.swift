import NIOCore
import PluginAPI
import Testing

@testable import PluginHost

@Suite("The memory of an operation holds the request to the plugin")
struct OperationMemoryTests {
    private let id = OperationID(generation: 7, port: 3, slot: 5)

    private func text(_ slice: gw_slice) -> String {
        String(decoding: UnsafeRawBufferPointer(start: slice.p, count: Int(slice.n)), as: UTF8.self)
    }

    @Test("a look-up has its keys, its deadline, and misses for results")
    func lookup() throws {
        var memory = OperationMemory()
        defer { memory.free() }
        memory.begin(.get, count: 2)
        memory.setKeys(["a", "key of some length"])
        guard case .get(let operation) = memory.call(id: id, deadline: 99) else {
            Issue.record("not a look-up")
            return
        }
        #expect(operation.pointee.op.id == id.rawValue && operation.pointee.op.deadline_ns == 99)
        #expect(operation.pointee.n == 2)
        #expect((0..<2).map { text(operation.pointee.keys[$0]) } == ["a", "key of some length"])
        #expect((0..<2).allSatisfy { operation.pointee.results[$0].status == GW_MISS })
        #expect(memory.errorText == nil && memory.failureOfEveryItem == nil)
        for (index, lease) in [0, 42].enumerated() {
            operation.pointee.results[index].status = GW_EUNAVAILABLE
            operation.pointee.results[index].lease = UInt64(lease)
        }
        #expect(memory.failureOfEveryItem == .unavailable)
        var leases: [UInt64] = []
        memory.appendLeases(to: &leases)
        #expect(leases == [42])
    }

    @Test("a set lends its values' parts without copying them, and leaves empty ones out")
    func set() throws {
        var memory = OperationMemory()
        defer { memory.free() }
        memory.begin(.set, count: 2, parts: 4)
        memory.setKeys(["a", "b"])
        let value = [ByteBuffer(string: "hello "), ByteBuffer(), ByteBuffer(string: "world")]
        memory.setItem(0, value: value, timeToLiveMilliseconds: 5)
        memory.setItem(1, value: [], timeToLiveMilliseconds: 0)
        guard case .set(let operation) = memory.call(id: id, deadline: 0) else {
            Issue.record("not a set")
            return
        }
        let item = operation.pointee.items[0]
        #expect(item.n_parts == 2 && item.ttl_ms == 5 && item.flags == 0)
        #expect((0..<2).map { text(item.parts[$0]) } == ["hello ", "world"])
        let isLent = value[0].withUnsafeReadableBytes { $0.baseAddress == item.parts[0].p }
        #expect(isLent)
        #expect(operation.pointee.items[1].n_parts == 0 && operation.pointee.items[1].flags == 0)
        memory.returnBuffers()
    }

    @Test("it is used again: nothing of the operation before is left")
    func reuse() throws {
        var memory = OperationMemory()
        defer { memory.free() }
        memory.begin(.get, count: 100)
        memory.setKeys((0..<100).map { "key \($0)" })
        if case .get(let operation) = memory.call(id: id, deadline: 0) {
            operation.pointee.results[0].status = GW_OK
            operation.pointee.results[0].lease = 9
            operation.pointee.op.error.pointee.length = 5
        }
        memory.begin(.get, count: 1)
        memory.setKeys(["x"])
        #expect(memory.count == 1 && memory.errorText == nil)
        #expect(memory.result(at: 0).status == GW_MISS && memory.result(at: 0).lease == 0)
    }

    @Test("a key is never longer than the interface allows")
    func longKey() throws {
        var memory = OperationMemory()
        defer { memory.free() }
        memory.begin(.delete, count: 1)
        memory.setKeys([String(repeating: "k", count: 600)])
        guard case .delete(let operation) = memory.call(id: id, deadline: 0) else {
            Issue.record("not a deletion")
            return
        }
        #expect(operation.pointee.keys[0].n == UInt64(OperationMemory.longestKey))
    }
}
