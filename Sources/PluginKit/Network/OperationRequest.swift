import Glibc

/// An operation in the plugin, which is made on an event loop and then handed over to the I/O thread.
///
/// It is carried out as one or more parts, since a cluster has the keys of a batch in many places. Once it is
/// completed, it no longer uses the host's memory, however late a reply is received.
public final class OperationRequest {
    /// The kind of operation.
    public enum Operation {
        /// Look up keys.
        case get(GetOperation)
        /// Store items.
        case set(SetOperation)
        /// Remove keys.
        case delete(DeleteOperation)
        /// Make a round trip.
        case ping(PlainOperation)
        /// Remove the keys with a prefix.
        case flush(FlushOperation)
        /// Tell what the servers say of themselves.
        case inquire(GetOperation)
    }

    /// The id of the operation in `CachePlugin.cancel`.
    public let id: UInt64
    /// The operation to carry out.
    public let operation: Operation
    /// When the host stops waiting, on the clock of `Host.monotonicNanoseconds`. It is nil where the operation has no
    /// deadline.
    public let deadline: UInt64?
    private var completion: Completion?
    /// Whether it has not ended yet, so that the host's memory may be used.
    public private(set) var isOpen = true
    private var partsLeft = 0
    private var partsDone = 0
    private var failure: BackendFailure?
    /// The values whose leases are in the results.
    private var leased: [UnsafeMutableRawPointer] = []

    /// Takes over the promise to complete the operation.
    public init(_ operation: Operation) {
        self.operation = operation
        let any: any CacheOperation =
            switch operation {
            case .get(let operation): operation
            case .set(let operation): operation
            case .delete(let operation): operation
            case .ping(let operation): operation
            case .flush(let operation): operation
            case .inquire(let operation): operation
            }
        id = any.id
        deadline = any.deadline
        completion = any.completeLater()
    }

    /// How many items the operation has.
    public var count: Int {
        switch operation {
        case .get(let operation), .inquire(let operation): operation.count
        case .set(let operation): operation.count
        case .delete(let operation): operation.count
        case .ping, .flush: 0
        }
    }

    /// The key of an item. It must not be read once the operation has ended.
    public func key(_ index: Int) -> UnsafeRawBufferPointer {
        switch operation {
        case .get(let operation), .inquire(let operation): operation.key(index)
        case .set(let operation): operation.item(index)?.key ?? UnsafeRawBufferPointer(start: nil, count: 0)
        case .delete(let operation): operation.key(index)
        case .ping, .flush: UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// Announces how many parts there will be, before any of them ends.
    public func expect(parts: Int) { partsLeft += parts }

    /// Reports a value that was found: `count` bytes at `value`, in a block that begins at `block` and that `free` can
    /// free. The block is leased to the host, or freed.
    public func hit(_ index: Int, _ value: UnsafeRawPointer, count: Int, block: UnsafeMutableRawPointer) {
        let asked: GetOperation
        switch operation {
        case .get(let operation), .inquire(let operation): asked = operation
        case .set, .delete, .ping, .flush: return free(block)
        }
        asked.hit(index, UnsafeRawBufferPointer(start: value, count: count), Lease(block))
        leased.append(block)
    }

    /// Reports that one item was not found, or failed.
    public func set(_ index: Int, _ status: Status) {
        switch operation {
        case .get(let operation), .inquire(let operation): operation.set(index, status)
        case .set(let operation): operation.set(index, status)
        case .delete(let operation): operation.set(index, status)
        case .ping, .flush: break
        }
    }

    /// A part has ended.
    /// - Returns: whether it was the last part, so that the operation is over.
    public func partDone() -> Bool {
        partsDone += 1
        return partEnded()
    }

    /// A part has failed, and its items have their status already.
    /// - Returns: whether it was the last part, so that the operation is over.
    public func partFailed(_ failure: BackendFailure) -> Bool {
        if self.failure == nil { self.failure = failure }
        return partEnded()
    }

    private func partEnded() -> Bool {
        partsLeft -= 1
        guard partsLeft <= 0, isOpen else { return false }
        isOpen = false
        return true
    }

    /// Ends the operation before its replies have been received.
    /// - Returns: whether it was still open.
    public func abandon(_ failure: BackendFailure) -> Bool {
        guard isOpen else { return false }
        isOpen = false
        self.failure = failure
        partsDone = 0
        return true
    }

    /// Completes the operation for the host. The values of an operation that failed as a whole are freed, since the
    /// host reads no result of it.
    public func complete(_ leases: LeaseCount) {
        guard let completion = completion.take() else { return }
        if let failure, partsDone == 0 {
            for block in leased { free(block) }
            leased = []
            return completion.fail(failure.status, failure.reason)
        }
        // The leases are counted before the host can give them back.
        if !leased.isEmpty { leases.add(leased.count) }
        leased = []
        completion.finish()
    }
}
