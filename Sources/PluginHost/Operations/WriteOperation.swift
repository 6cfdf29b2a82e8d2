public import NIOCore
import PluginAPI

/// An entry to store.
public struct PluginItem {
    /// The key, of 1 to 512 bytes.
    public var key: String
    /// The value is the concatenation of these buffers. The bytes are not copied.
    public var parts: [ByteBuffer]
    /// The time to live. It is nil where the entry is kept for as long as there is room.
    public var timeToLiveMilliseconds: UInt64?

    /// - Parameter parts: buffers whose concatenation is the value. They are not copied.
    public init(
        key: String,
        parts: [ByteBuffer],
        timeToLiveMilliseconds: UInt64? = nil
    ) {
        self.key = key
        self.parts = parts
        self.timeToLiveMilliseconds = timeToLiveMilliseconds
    }

    var size: Int { parts.totalBytes }
}

extension [ByteBuffer] {
    var totalBytes: Int { reduce(0) { $0 &+ $1.readableBytes } }
}

/// The outcome for one item of a set or delete.
public enum WriteOutcome: Sendable, Equatable {
    case done
    /// A delete found no such key.
    case unchanged
    case failure(OperationFailure)
}

/// Collects the outcomes of a set, delete, ping or flush, for which the plugin may be called several times.
final class WriteOperation: PendingWrite {
    private var outcomes: [WriteOutcome]
    private var waiting = 0
    private var isSubmitted = false
    private var removed: UInt64 = 0
    private let completion: ([WriteOutcome], UInt64) -> Void

    /// - Parameter completion: called once, on the loop, with one outcome for each item and the number of entries that
    ///   a flush removed.
    init(count: Int, completion: @escaping ([WriteOutcome], UInt64) -> Void) {
        outcomes = Array(repeating: .done, count: count)
        self.completion = completion
    }

    func add() { waiting += 1 }

    func fail(_ failure: OperationFailure, items: Range<Int>) {
        for index in items.clamped(to: outcomes.indices) { outcomes[index] = .failure(failure) }
    }

    /// All operations have been handed to the plugin.
    func submitted() {
        isSubmitted = true
        finishIfDone()
    }

    func settled(_ block: OperationBlock, failure: OperationFailure?) -> Bool {
        if let failure {
            fail(failure, items: block.items)
        } else {
            switch block.memory.kind {
            case .set, .delete:
                let first = block.use.firstItem
                for index in 0..<block.count where outcomes.indices.contains(first + index) {
                    outcomes[first + index] = Self.outcome(block.memory.status(at: index))
                }
            case .flush: removed = block.memory.removed
            case .get, .ping: break
            }
        }
        waiting -= 1
        finishIfDone()
        return false
    }

    func gaveUp(_ block: OperationBlock, failure: OperationFailure) {
        fail(failure, items: block.items)
        waiting -= 1
        finishIfDone()
    }

    private func finishIfDone() {
        guard isSubmitted, waiting == 0 else { return }
        isSubmitted = false
        completion(outcomes, removed)
    }

    private static func outcome(_ status: Int32) -> WriteOutcome {
        switch status {
        case GW_OK: .done
        case GW_MISS...: .unchanged
        default: .failure(OperationFailure(status: status))
        }
    }
}
