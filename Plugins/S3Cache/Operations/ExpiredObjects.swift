/// Objects that are being deleted because their time is over, and the writes that wait for that, lest the new object be
/// deleted instead of the old one. A value.
struct ExpiredObjects {
    private var waiting: [String: [() -> Void]] = [:]

    /// Notes that an object is to be deleted.
    /// - Returns: whether that is not under way already.
    mutating func beginDeleting(_ object: String) -> Bool {
        guard waiting[object] == nil else { return false }
        waiting[object] = []
        return true
    }

    /// Has a write wait until the object is deleted.
    /// - Returns: false where it is not being deleted, so that the write need not wait.
    mutating func postpone(_ object: String, _ write: @escaping () -> Void) -> Bool {
        waiting[object]?.append(write) != nil
    }

    /// The object was deleted, or could not be.
    /// - Returns: the writes that have waited for that, in order.
    mutating func ended(_ object: String) -> [() -> Void] { waiting.removeValue(forKey: object) ?? [] }
}
