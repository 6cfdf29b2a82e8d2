/// Things to do at a time. Few at once, so a list does.
struct Alarms {
    private var alarms: [(due: UInt64, action: () -> Void)] = []

    var next: UInt64? { alarms.map(\.due).min() }

    mutating func set(at due: UInt64, _ action: @escaping () -> Void) { alarms.append((due, action)) }

    /// Takes out what is due.
    mutating func ring(now: UInt64) -> [() -> Void] {
        guard alarms.contains(where: { $0.due <= now }) else { return [] }
        let due = alarms.filter { $0.due <= now }.sorted { $0.due < $1.due }
        alarms.removeAll { $0.due <= now }
        return due.map(\.action)
    }

    mutating func removeAll() { alarms.removeAll() }
}
