import Deadlines
import NIOCore
import PluginAPI

/// The owner of an operation block, which waits for its operation.
protocol BlockOwner: AnyObject {
    /// The block's operation has ended in time. `failure` is nil where it succeeded and its items can be read.
    /// - Returns: whether the owner keeps the block to read it, and gives it back itself.
    func settled(_ block: OperationBlock, failure: OperationFailure?) -> Bool
    /// The block's deadline has passed. The owner must not touch it any more.
    func gaveUp(_ block: OperationBlock, failure: OperationFailure)
}

/// The memory of one operation, and the state of the operation. It is reused only once the plugin is done with it,
/// however long ago its owner stopped waiting. It is bound to its port's event loop.
final class OperationBlock: Expiring {
    /// The state of the operation.
    enum State: Equatable {
        /// There is no operation, or its call has not returned yet.
        case idle
        /// The plugin owes a completion, and the owner waits for it.
        case pending
        /// As `pending`, but the deadline has passed, and how the operation counts is decided when it is completed.
        case overdue
        /// The plugin owes a completion, but nothing waits for it.
        case abandoned
        /// The operation has ended. Its results can be read and may hold leases.
        case readable

        /// Whether the plugin owes a completion.
        var isOwed: Bool { self == .pending || self == .overdue || self == .abandoned }
    }

    /// The present use of the block.
    struct Use {
        var id = OperationID(rawValue: 0)
        /// The index of the first of the owner's items in the operation.
        var firstItem = 0
        /// Whether the breaker admitted the operation as a probe.
        var isProbe = false
        /// The call's place among those that wait for a thread. It is nil for plugins that do not block.
        var place: BlockingPool.Ticket?
        /// When it began. It is nil where that is not measured.
        var began: NIODeadline?
    }

    let slot: Int
    private unowned let port: PluginPort
    var use = Use()
    var state = State.idle
    /// The owner that waits. It is nil once nothing waits any more.
    var owner: (any BlockOwner)?
    var deadline: Deadlines.Token?
    var memory = OperationMemory()

    init(port: PluginPort, slot: Int) {
        self.port = port
        self.slot = slot
    }

    deinit { memory.free() }

    /// How many items the operation has.
    var count: Int { memory.count }

    /// The owner's items that the operation is about. A ping or flush has one outcome although it has no items.
    var items: Range<Int> { use.firstItem..<use.firstItem + max(1, memory.count) }

    /// Prepares the block for another operation.
    func begin(
        _ kind: OperationMemory.Kind,
        count: Int,
        parts: Int,
        firstItem: Int,
        isProbe: Bool,
        queue: CompletionQueue
    ) {
        let last = use.id.generation
        let generation = last == .max ? 1 : last + 1
        use = Use(
            id: OperationID(generation: generation, port: queue.index, slot: slot),
            firstItem: firstItem,
            isProbe: isProbe
        )
        memory.begin(kind, count: count, parts: parts)
        queue.open(slot: slot, generation: generation)
    }

    func deadlinePassed(reason: UInt32) {
        guard reason == use.id.generation else { return }
        port.expired(self)
    }
}
