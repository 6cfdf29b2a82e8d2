import PluginAPI

/// Receives the outcomes of a write, which may take several operations of the plugin.
protocol PendingWrite: BlockOwner {
    /// One more operation has been handed to the plugin.
    func add()
    /// These items failed without having been handed to the plugin.
    func fail(_ failure: OperationFailure, items: Range<Int>)
}

/// A set of one entry, which is one operation.
final class SingleWrite: PendingWrite {
    private let completion: (OperationFailure?) -> Void

    /// - Parameter completion: called once, on the loop.
    init(completion: @escaping (OperationFailure?) -> Void) {
        self.completion = completion
    }

    func add() {}

    func fail(_ failure: OperationFailure, items: Range<Int>) {
        completion(failure)
    }

    func settled(_ block: OperationBlock, failure: OperationFailure?) -> Bool {
        let status = block.memory.status(at: 0)
        completion(failure ?? (status >= GW_OK ? nil : OperationFailure(status: status)))
        return false
    }

    func gaveUp(_ block: OperationBlock, failure: OperationFailure) {
        completion(failure)
    }
}
