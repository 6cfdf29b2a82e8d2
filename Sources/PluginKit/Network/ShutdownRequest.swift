/// The host's wish to end the instance.
public final class ShutdownRequest {
    /// When the host gives up waiting for it.
    public let deadline: UInt64?
    private var completion: Completion?

    public init(_ operation: PlainOperation) {
        deadline = operation.deadline
        completion = operation.completeLater()
    }

    /// It is done.
    public func finish() { completion.take()?.finish() }
}
