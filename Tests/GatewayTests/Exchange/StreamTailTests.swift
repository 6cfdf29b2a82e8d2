import NIOCore
import Testing

@testable import Gateway

@Suite("The tail of a stream")
struct StreamTailTests {
    private func isDone(_ pieces: String...) -> Bool {
        var tail = StreamTail(endMarks: ["data: [DONE]", "data:[DONE]"])
        for piece in pieces { tail.take(ByteBuffer(string: piece)) }
        return tail.isDone
    }

    @Test("is its end where the last event is [DONE], however it was cut and its lines end")
    func done() {
        #expect(isDone("data: {}\n\ndata: [DONE]\n\n"))
        #expect(isDone("data: [DONE]\r\n", "\r\n") && isDone("data:[DONE]\n\n") && isDone("data: [DONE]"))
        #expect(isDone("data: {\"choices\":[]}\n\nda", "", "ta: [", "DO", "NE]\n", "\n"))
    }

    @Test("is not its end where anything else is last")
    func notDone() {
        #expect(!isDone() && !isDone("\n") && !isDone("[DONE]\n\n") && !isDone("data: [DONE\n\n"))
        #expect(!isDone("data: [DONE]\n\n", "data: {}\n\n") && !isDone("data: [DONE]\n\n:"))
    }
}
