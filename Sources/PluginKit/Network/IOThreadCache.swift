/// A plugin that carries out operations on an I/O thread of its own. Its functions only hand operations over, and never
/// wait.
public protocol IOThreadCache: CachePlugin {
    /// The way to the I/O thread.
    var inlet: OperationInlet { get }
    /// Counts the values that the host still reads.
    var leases: LeaseCount { get }
}

extension IOThreadCache {
    public func get(_ operation: GetOperation) -> OperationProgress { inlet.submit(.get(operation)) }

    public func set(_ operation: SetOperation) -> OperationProgress {
        for index in 0..<operation.count where operation.item(index)?.valueCount == nil { return .rejected(.tooLarge) }
        return inlet.submit(.set(operation))
    }

    public func delete(_ operation: DeleteOperation) -> OperationProgress { inlet.submit(.delete(operation)) }

    public func ping(_ operation: PlainOperation) -> OperationProgress { inlet.submit(.ping(operation)) }

    public func flush(_ operation: FlushOperation) -> OperationProgress {
        guard !operation.prefix.isEmpty else { return operation.reject(.invalid, "the prefix of a flush is empty") }
        return inlet.submit(.flush(operation))
    }

    public func cancel(_ operation: UInt64) { inlet.cancel(operation) }

    public func release(_ leases: Leases) { self.leases.free(leases) }

    public func shutdown(_ operation: PlainOperation) -> OperationProgress { inlet.shutDown(operation) }
}
