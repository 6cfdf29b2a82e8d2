import NIOCore

/// The log lines that wait to be written, within limits. A line for which there is no room is dropped and counted.
///
/// Once a line was dropped, lines are dropped until half of the room is free again. The queue then reports how many
/// there were, in their place among the others. So a log that is read slowly gets one such notice for many lines.
struct LogQueue {
    enum Item: Equatable {
        /// So many lines, each with its line end.
        case lines([UInt8], count: Int)
        /// This many lines were dropped here.
        case dropped(Int)
    }

    /// The limits of the queue, both of which apply.
    struct Bounds {
        var lines = 4_096
        var bytes = 1_048_576
        /// How much of the room lines of many requests leave for others: one part of so many.
        var partForSingleLines = 4
    }

    private let bounds: Bounds
    private var items = CircularBuffer<Item>()
    private(set) var bytes = 0
    /// The number of lines dropped since the last notice.
    private var dropped = 0

    init(bounds: Bounds = Bounds()) {
        self.bounds = bounds
    }

    /// Whether there is nothing to write, not even a notice.
    var isEmpty: Bool { items.isEmpty && dropped == 0 }

    /// - Parameters:
    ///   - line: lines, each with its line end.
    ///   - count: how many there are.
    ///   - leavesRoom: whether they are dropped already where there would be little room left after them.
    mutating func append(_ line: [UInt8], count: Int = 1, leavesRoom: Bool = false) {
        if dropped > 0 {
            guard items.count <= bounds.lines / 2, bytes <= bounds.bytes / 2 else {
                dropped += count
                return
            }
            items.append(.dropped(dropped))
            dropped = 0
        }
        let room = leavesRoom ? bounds.bytes - bounds.bytes / bounds.partForSingleLines : bounds.bytes
        guard items.count < bounds.lines, line.count <= room - bytes else {
            dropped += count
            return
        }
        bytes += line.count
        items.append(.lines(line, count: count))
    }

    /// Removes the oldest item. It is nil if there is none.
    mutating func next() -> Item? {
        guard let item = items.popFirst() else {
            guard dropped > 0 else { return nil }
            defer { dropped = 0 }
            return .dropped(dropped)
        }
        if case .lines(let line, _) = item { bytes -= line.count }
        return item
    }
}
