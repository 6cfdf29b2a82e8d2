import NIOCore
import Testing

@testable import Gateway

@Suite("The output of a connection")
struct ResponseOutputTests {
    private let allocator = ByteBufferAllocator()

    private func bytes(_ count: Int, _ letter: String = "a") -> ByteBuffer {
        ByteBuffer(string: String(repeating: letter, count: count))
    }

    @Test("collects answers as long as they are small, and writes them with the flush")
    func small() {
        var output = ResponseOutput()
        #expect(!output.needsFlush)
        #expect(output.send(bytes(3)) == nil)
        #expect(output.send(bytes(2, "b")) == nil)
        #expect(output.gather(room: 20, allocator) { $0.writeString("c") } == nil)
        #expect(output.needsFlush)
        #expect(output.flush() == ByteBuffer(string: "aaabbc"))
        #expect(!output.needsFlush)
        #expect(output.flush() == nil)
    }

    @Test("writes answers before those that do not fit, in their order")
    func large() {
        var output = ResponseOutput()
        #expect(output.send(bytes(100)) == nil)
        #expect(output.send(bytes(ResponseOutput.gatherLimit, "b")) == bytes(100))
        #expect(output.gather(room: 20, allocator) { $0.writeString("c") } == bytes(ResponseOutput.gatherLimit, "b"))
        #expect(output.flush() == ByteBuffer(string: "c"))
    }

    @Test("counts what was written, and not the room for it")
    func counted() {
        var output = ResponseOutput()
        _ = output.send(bytes(100))
        _ = output.gather(room: 20, allocator) { $0.writeString("abc") }
        _ = output.flush()
        _ = output.send(bytes(10_000))
        #expect(output.sentBytes == 10_103)
    }
}
