import NIOCore
import Testing

@testable import Gateway

@Suite("Answers on their way to the channel")
struct ResponseOutputTests {
    private let allocator = ByteBufferAllocator()

    private func bytes(_ count: Int, _ letter: String = "a") -> ByteBuffer {
        ByteBuffer(string: String(repeating: letter, count: count))
    }

    @Test("are put together as long as they are small, and leave with the flush")
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

    @Test("leave before what does not fit beside them, in their order")
    func large() {
        var output = ResponseOutput()
        #expect(output.send(bytes(100)) == nil)
        #expect(output.send(bytes(ResponseOutput.gatherLimit, "b")) == bytes(100))
        #expect(output.gather(room: 20, allocator) { $0.writeString("c") } == bytes(ResponseOutput.gatherLimit, "b"))
        #expect(output.flush() == ByteBuffer(string: "c"))
    }

    @Test("are counted by what was written, and not by the room for it")
    func counted() {
        var output = ResponseOutput()
        _ = output.send(bytes(100))
        _ = output.gather(room: 20, allocator) { $0.writeString("abc") }
        _ = output.flush()
        _ = output.send(bytes(10_000))
        #expect(output.sentBytes == 10_103)
    }
}
