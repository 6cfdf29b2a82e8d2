import Testing

@testable import RedisCache

@Suite("The output of a connection to Redis")
struct SendQueueTests {
    private func queue(_ words: String...) -> SendQueue {
        var queue = SendQueue()
        for word in words { append(word, to: &queue) }
        return queue
    }

    private func append(_ word: String, to queue: inout SendQueue) {
        queue.append { buffer in
            buffer.command(1)
            buffer.argument(word)
        }
    }

    private struct Flushed: Equatable {
        let outcome: SendQueue.Outcome
        let text: String
    }

    /// Sends through a socket that accepts these numbers of bytes, and then no more.
    private func flush(_ queue: inout SendQueue, taking sizes: [Int]) -> Flushed {
        var sizes = sizes[...]
        var text = ""
        let outcome = queue.flush { bytes in
            let count = min(sizes.popFirst() ?? 0, bytes.count)
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
            return .sent(count)
        }
        return Flushed(outcome: outcome, text: text)
    }

    @Test("goes out in order, in as many pieces as the socket takes")
    func pieces() {
        var queue = queue("PING", "ROLE")
        let text = "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n"
        #expect(flush(&queue, taking: [3, 10, 100]) == Flushed(outcome: .sent, text: text))
    }

    @Test("has the socket watched while there is more, and no longer than that")
    func watching() {
        var queue = queue("PING")
        #expect(flush(&queue, taking: [3]).outcome == .watch(forWriting: true))
        #expect(flush(&queue, taking: [3]).outcome == .sent, "it is watched already")
        #expect(flush(&queue, taking: [100]).outcome == .watch(forWriting: false))
        #expect(flush(&queue, taking: [100]) == Flushed(outcome: .sent, text: ""))
    }

    @Test("reports why the connection is broken")
    func broken() {
        var queue = queue("PING")
        let outcome = queue.flush { _ in .failed("broken pipe") }
        #expect(outcome == .failed("broken pipe"))
    }

    @Test("is to be flushed once a turn, however many commands there are")
    func requests() {
        var queue = queue("PING")
        #expect(queue.requestFlush() == true)
        #expect(queue.requestFlush() == false)
        _ = flush(&queue, taking: [100])
        #expect(queue.requestFlush() == true, "in the next turn it is again")
    }

    @Test("is full when the server leaves 64 MiB of it")
    func limit() {
        var queue = SendQueue()
        let part = [UInt8](repeating: 0, count: SendQueue.limit - 1)
        part.withUnsafeBytes { bytes in queue.append { $0.append(bytes) } }
        #expect(!queue.isFull)
        append("PING", to: &queue)
        #expect(queue.isFull)
        queue.clear()
        #expect(!queue.isFull)
    }

    @Test("is forgotten with its socket: nothing of it goes out over the next one")
    func forgotten() {
        var queue = queue("SECRET")
        #expect(queue.requestFlush() == true)
        #expect(flush(&queue, taking: [1]).outcome == .watch(forWriting: true))
        queue.clear()
        append("PING", to: &queue)
        #expect(queue.requestFlush() == true)
        #expect(flush(&queue, taking: [100]) == Flushed(outcome: .sent, text: "*1\r\n$4\r\nPING\r\n"))
    }
}
