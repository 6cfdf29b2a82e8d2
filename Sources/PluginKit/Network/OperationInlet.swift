import Synchronization

/// A message from the host's threads to an I/O thread.
///
/// It is unchecked because the sender keeps no reference to the content of a message.
public enum OperationMessage: @unchecked Sendable {
    /// Carry out an operation.
    case start(OperationRequest)
    /// The host no longer waits for the operation with this id.
    case cancel(UInt64)
    /// End.
    case shutDown(ShutdownRequest)
}

/// Hands operations from the host's threads to a plugin's I/O thread. Nothing is handed over after a shutdown, since
/// the thread has ended then.
public final class OperationInlet: Sendable {
    private let post: @Sendable (OperationMessage) -> Void
    private let isShutDown = Atomic<Bool>(false)

    /// Makes the way to an I/O thread.
    /// - Parameter post: called from any thread; it must not wait.
    public init(_ post: @escaping @Sendable (OperationMessage) -> Void) { self.post = post }

    func submit(_ operation: OperationRequest.Operation) -> OperationProgress {
        guard !isShutDown.load(ordering: .relaxed) else { return .rejected(.cancelled) }
        post(.start(OperationRequest(operation)))
        return .pending
    }

    func cancel(_ operation: UInt64) { post(.cancel(operation)) }

    func shutDown(_ operation: PlainOperation) -> OperationProgress {
        isShutDown.store(true, ordering: .relaxed)
        post(.shutDown(ShutdownRequest(operation)))
        return .pending
    }
}
