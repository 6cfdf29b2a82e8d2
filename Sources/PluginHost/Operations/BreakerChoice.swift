extension BackendBreakers {
    /// The breaker that admits operations of a kind. It is nil for pings, which are always admitted.
    subscript(kind: OperationMemory.Kind) -> SharedBreaker? {
        switch kind {
        case .get: lookups
        case .set, .delete, .flush: writes
        case .ping: nil
        }
    }
}
