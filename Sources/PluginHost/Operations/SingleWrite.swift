import PluginAPI

/// Where the outcomes of a write go, however many operations of the plugin's it takes.
protocol PendingWrite: BlockOwner {
    /// One more operation is the plugin's.
    func add()
    /// Items that no operation of the plugin's will carry.
    func fail(_ failure: PluginFailure, items: Range<Int>)
}

/// A set of one entry, which is one operation.
final class SingleWrite: PendingWrite {
    private let completion: (PluginFailure?) -> Void

    /// - Parameter completion: called once, on the loop.
    init(completion: @escaping (PluginFailure?) -> Void) {
        self.completion = completion
    }

    func add() {}

    func fail(_ failure: PluginFailure, items: Range<Int>) {
        completion(failure)
    }

    func settled(_ block: OperationBlock, failure: PluginFailure?) -> Bool {
        let status = block.statuses.base[0]
        completion(failure ?? (status == GW_OK || status == GW_MISS ? nil : PluginFailure(status: status)))
        return false
    }

    func gaveUp(_ block: OperationBlock, failure: PluginFailure) {
        completion(failure)
    }
}
