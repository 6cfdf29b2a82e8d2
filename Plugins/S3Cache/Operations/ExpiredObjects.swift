/// The expired objects that are being deleted, and the writes that wait for the deletion, which would otherwise delete
/// the new object instead of the old one.
struct ExpiredObjects {
    private var waiting: [String: [() -> Void]] = [:]

    /// Records that an object is to be deleted.
    /// - Returns: whether its deletion is not in progress already.
    mutating func beginDeleting(_ object: String) -> Bool {
        guard waiting[object] == nil else { return false }
        waiting[object] = []
        return true
    }

    /// Lets a write wait until the object is deleted.
    /// - Returns: false where it is not being deleted, so that the write need not wait.
    mutating func postpone(_ object: String, _ write: @escaping () -> Void) -> Bool {
        waiting[object]?.append(write) != nil
    }

    /// The object was deleted, or could not be deleted.
    /// - Returns: the writes that have waited for it, in order.
    mutating func ended(_ object: String) -> [() -> Void] { waiting.removeValue(forKey: object) ?? [] }
}
