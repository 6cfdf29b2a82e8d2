extension BackendBreakers {
    /// Whether an operation of a kind may go to the plugin. Nothing is written to a backend that answers no look-ups,
    /// since nothing could be read of it, and one that hangs would be given every answer.
    func admit(_ kind: OperationMemory.Kind) -> Breaker.Admission {
        switch kind {
        case .get: lookups.admit()
        case .set, .delete, .flush: lookups.isOpen ? .refuse : writes.admit()
        case .ping: lookups.isDisabled ? .refuse : .pass
        }
    }

    /// The breaker that admits operations of a kind. It is nil for pings, which are always admitted.
    subscript(kind: OperationMemory.Kind) -> SharedBreaker? {
        switch kind {
        case .get: lookups
        case .set, .delete, .flush: writes
        case .ping: nil
        }
    }
}
