import NIOCore

/// The unused connections to one server. The one that was used last is taken first, so that connections that are not
/// needed grow old and are closed.
struct IdleStack<Element: AnyObject> {
    private struct Entry {
        let element: Element
        let since: NIODeadline
    }

    /// How many elements are kept at most.
    private(set) var limit: Int
    private var entries: [Entry] = []

    var count: Int { entries.count }

    init(limit: Int) {
        self.limit = limit
    }

    /// Keeps an element, and returns the one that has to be closed for it: the oldest, or the new one itself if none
    /// may be kept.
    mutating func push(_ element: Element, now: NIODeadline) -> Element? {
        guard limit > 0 else { return element }
        let evicted = entries.count >= limit ? entries.removeFirst().element : nil
        entries.append(Entry(element: element, since: now))
        return evicted
    }

    /// Sets the limit, and returns the elements that exceed it, the oldest first.
    mutating func setLimit(_ limit: Int) -> [Element] {
        self.limit = max(0, limit)
        let surplus = max(0, entries.count - self.limit)
        defer { entries.removeFirst(surplus) }
        return entries[..<surplus].map(\.element)
    }

    mutating func pop() -> Element? {
        entries.popLast()?.element
    }

    mutating func remove(_ element: Element) {
        guard let index = entries.lastIndex(where: { $0.element === element }) else { return }
        entries.remove(at: index)
    }

    /// Removes and returns the elements that were put in at `limit` or earlier, the oldest first.
    mutating func removeIdle(since limit: NIODeadline) -> [Element] {
        let kept = entries.firstIndex { $0.since > limit } ?? entries.endIndex
        defer { entries.removeFirst(kept) }
        return entries[..<kept].map(\.element)
    }

    /// Removes and returns all elements, the oldest first.
    mutating func removeAll() -> [Element] {
        defer { entries.removeAll() }
        return entries.map(\.element)
    }
}
