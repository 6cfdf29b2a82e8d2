/// Things to do at a time. Few at once, so a list does.
public struct Alarms {
    private var alarms: [(due: UInt64, action: () -> Void)] = []

    public init() {}

    /// When the next one is due.
    public var next: UInt64? { alarms.map(\.due).min() }

    /// Has something done at a time, by `ring`.
    public mutating func set(at due: UInt64, _ action: @escaping () -> Void) { alarms.append((due, action)) }

    /// Takes out what is due.
    public mutating func ring(now: UInt64) -> [() -> Void] {
        guard alarms.contains(where: { $0.due <= now }) else { return [] }
        let due = alarms.filter { $0.due <= now }.sorted { $0.due < $1.due }
        alarms.removeAll { $0.due <= now }
        return due.map(\.action)
    }

    /// Forgets all.
    public mutating func removeAll() { alarms.removeAll() }
}
