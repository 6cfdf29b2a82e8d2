/// Actions that are due at certain times, in a binary heap, so that a thousand of them cost little more than one.
public struct Alarms {
    private struct Alarm {
        let due: UInt64
        /// The number that orders alarms that are due at the same time: the one that was set first comes first.
        let number: UInt64
        let action: () -> Void

        func isBefore(_ other: Alarm) -> Bool { due == other.due ? number < other.number : due < other.due }
    }

    private var heap: [Alarm] = []
    private var count: UInt64 = 0

    /// Makes an empty set of alarms.
    public init() {}

    /// The time at which the next alarm is due. It is nil where there is none.
    public var next: UInt64? { heap.first?.due }

    /// Adds an action, which `ring` returns when it is due.
    public mutating func set(at due: UInt64, _ action: @escaping () -> Void) {
        count += 1
        heap.append(Alarm(due: due, number: count, action: action))
        var place = heap.count - 1
        while place > 0, heap[place].isBefore(heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Removes the actions that are due, and returns them in order.
    public mutating func ring(now: UInt64) -> [() -> Void] {
        var due: [() -> Void] = []
        while let first = heap.first, first.due <= now {
            due.append(first.action)
            removeFirst()
        }
        return due
    }

    private mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return }
            let right = left + 1
            let least = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[least].isBefore(heap[place]) else { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    /// Removes all actions.
    public mutating func removeAll() { heap.removeAll() }
}
