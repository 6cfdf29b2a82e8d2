import NIOCore

/// The unused connections to one server: the one used last is taken first, so that the others grow old
/// and can be let go.
struct IdleStack<Element: AnyObject> {
    private struct Entry {
        var element: Element
        var since: NIODeadline
    }

    var limit: Int
    private var entries: [Entry] = []

    var count: Int { entries.count }

    init(limit: Int) {
        self.limit = limit
    }

    /// Keeps an element, and returns the one that has to go for it: the oldest, or itself if none may be kept.
    mutating func push(_ element: Element, now: NIODeadline) -> Element? {
        guard limit > 0 else { return element }
        let evicted = entries.count >= limit ? entries.removeFirst().element : nil
        entries.append(Entry(element: element, since: now))
        return evicted
    }

    mutating func pop() -> Element? {
        entries.popLast()?.element
    }

    mutating func remove(_ element: Element) {
        guard let index = entries.lastIndex(where: { $0.element === element }) else { return }
        entries.remove(at: index)
    }

    /// Takes out what has been unused since `limit` or longer.
    mutating func removeIdle(since limit: NIODeadline) -> [Element] {
        let kept = entries.firstIndex { $0.since > limit } ?? entries.endIndex
        defer { entries.removeFirst(kept) }
        return entries[..<kept].map(\.element)
    }

    mutating func removeAll() -> [Element] {
        defer { entries.removeAll() }
        return entries.map(\.element)
    }
}
