import NIOCore

/// The log lines that wait to be written, within limits. A line for which there is no room is dropped and counted.
///
/// Once a line was dropped, lines are dropped until half of the room is free again. The queue then reports how many
/// there were, in their place among the others. So a log that is read slowly gets one such notice for many lines.
struct LogQueue {
    enum Item: Equatable {
        /// One line with its line end.
        case line([UInt8])
        /// This many lines were dropped here.
        case dropped(Int)
    }

    /// The limits of the queue, both of which apply.
    struct Bounds {
        var lines = 4_096
        var bytes = 1_048_576
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

    mutating func append(_ line: [UInt8]) {
        if dropped > 0 {
            guard items.count <= bounds.lines / 2, bytes <= bounds.bytes / 2 else {
                dropped += 1
                return
            }
            items.append(.dropped(dropped))
            dropped = 0
        }
        guard items.count < bounds.lines, line.count <= bounds.bytes - bytes else {
            dropped += 1
            return
        }
        bytes += line.count
        items.append(.line(line))
    }

    /// Removes the oldest item. It is nil if there is none.
    mutating func next() -> Item? {
        guard let item = items.popFirst() else {
            guard dropped > 0 else { return nil }
            defer { dropped = 0 }
            return .dropped(dropped)
        }
        if case .line(let line) = item { bytes -= line.count }
        return item
    }
}
