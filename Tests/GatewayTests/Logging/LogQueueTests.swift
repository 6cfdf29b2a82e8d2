import Testing

@testable import Gateway

@Suite("The queue of log lines")
struct LogQueueTests {
    private func line(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

    private func drain(_ queue: inout LogQueue) -> [LogQueue.Item] {
        var items: [LogQueue.Item] = []
        while let item = queue.next() { items.append(item) }
        return items
    }

    @Test("Lines come out in their order")
    func order() {
        var queue = LogQueue()
        for number in 0..<10 { queue.append(line(number)) }
        #expect(drain(&queue) == (0..<10).map { .lines(line($0), count: 1) })
        #expect(queue.isEmpty && queue.bytes == 0)
    }

    @Test("Neither the lines nor their bytes exceed the bounds")
    func bounds() {
        var few = LogQueue(bounds: LogQueue.Bounds(lines: 4, bytes: 1_000))
        for number in 0..<9 { few.append(line(number)) }
        #expect(drain(&few) == (0..<4).map { .lines(line($0), count: 1) } + [.dropped(5)])
        var small = LogQueue(bounds: LogQueue.Bounds(lines: 1_000, bytes: 20))
        for number in 0..<9 { small.append(line(number)) }
        #expect(small.bytes <= 20)
        #expect(drain(&small) == (0..<2).map { .lines(line($0), count: 1) } + [.dropped(7)])
    }

    @Test("What was dropped is reported once, in its place, when half of the room is free again")
    func notice() {
        var queue = LogQueue(bounds: LogQueue.Bounds(lines: 4, bytes: 1_000))
        for number in 0..<6 { queue.append(line(number)) }
        _ = queue.next()
        queue.append(line(6))
        _ = queue.next()
        queue.append(line(7))
        #expect(
            drain(&queue) == [
                .lines(line(2), count: 1), .lines(line(3), count: 1), .dropped(3), .lines(line(7), count: 1),
            ]
        )
        #expect(queue.isEmpty)
    }

    @Test("Every line is either written or counted", arguments: 1...5)
    func nothingIsForgotten(takenAtATime: Int) {
        var queue = LogQueue(bounds: LogQueue.Bounds(lines: 8, bytes: 200))
        var (written, dropped) = (0, 0)
        func take() {
            switch queue.next() {
            case .lines: written += 1
            case .dropped(let count): dropped += count
            case nil: break
            }
        }
        for number in 0..<1_000 {
            queue.append(line(number))
            if number % takenAtATime == 0 { take() }
        }
        while !queue.isEmpty { take() }
        #expect(written + dropped == 1_000)
        #expect(takenAtATime == 1 || dropped > 0)
    }
}
