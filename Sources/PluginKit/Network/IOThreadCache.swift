/// A plugin that carries out operations on an I/O thread of its own. Its functions only hand operations over, and never
/// wait.
public protocol IOThreadCache: CachePlugin {
    /// The way to the I/O thread.
    var inlet: OperationInlet { get }
    /// Counts the values that the host still reads.
    var leases: LeaseCount { get }
}

extension IOThreadCache {
    /// Hands a look-up over to the I/O thread.
    public func get(_ operation: GetOperation) -> OperationProgress { inlet.submit(.get(operation)) }

    /// Hands items over to the I/O thread, unless one has more bytes than can be addressed.
    public func set(_ operation: SetOperation) -> OperationProgress {
        for index in 0..<operation.count where operation.item(index)?.valueCount == nil { return .rejected(.tooLarge) }
        return inlet.submit(.set(operation))
    }

    /// Hands a removal over to the I/O thread.
    public func delete(_ operation: DeleteOperation) -> OperationProgress { inlet.submit(.delete(operation)) }

    /// Hands a ping over to the I/O thread.
    public func ping(_ operation: PlainOperation) -> OperationProgress { inlet.submit(.ping(operation)) }

    /// Hands a flush over to the I/O thread. An empty prefix is refused.
    public func flush(_ operation: FlushOperation) -> OperationProgress {
        guard !operation.prefix.isEmpty else { return operation.reject(.invalid, "the prefix of a flush is empty") }
        return inlet.submit(.flush(operation))
    }

    /// Hands an inquiry over to the I/O thread.
    public func inquire(_ operation: GetOperation) -> OperationProgress {
        guard operation.count > 0 else { return operation.reject(.invalid, "there are no names") }
        return inlet.submit(.inquire(operation))
    }

    /// Tells the I/O thread that the host no longer waits for an operation.
    public func cancel(_ operation: UInt64) { inlet.cancel(operation) }

    /// Frees the values that the host has read.
    public func release(_ leases: Leases) { self.leases.free(leases) }

    /// Lets the I/O thread end.
    public func shutdown(_ operation: PlainOperation) -> OperationProgress { inlet.shutDown(operation) }
}
