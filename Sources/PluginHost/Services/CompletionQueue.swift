import NIOCore
import Synchronization

/// The receiver of one event loop's completions, which is the loop's port.
protocol CompletionReceiver: AnyObject {
    /// [on the loop] Completions have arrived in the queue.
    func deliver()
    /// [on the loop] Refuses new operations. `whenSettled` is called once every operation has ended or its deadline has
    /// passed, and `whenIdle` once every operation has ended and is released.
    func close(whenSettled: @escaping () -> Void, whenIdle: @escaping () -> Void)
}

/// Receives completions for one event loop from any thread. One wake-up of the loop delivers many.
///
/// A slot's word identifies the open use of the slot. A completion must change it from open to completed, which
/// succeeds once: a second, late or invented completion finds another word and is refused. The loop itself needs plain
/// stores only, so an operation that is done inline costs no read-modify-write.
final class CompletionQueue: Sendable {
    struct Completion: Sendable {
        let id: OperationID
        let status: Int32
    }

    enum Verdict: Sendable {
        case accepted
        /// The operation has been completed before.
        case double
        /// The operation has ended otherwise.
        case stale
        /// There never was such an operation.
        case unknown
    }

    private struct Waiting {
        var completions: [Completion] = []
        var isWakeUpUnderWay = false
    }

    private static let isOpen: UInt64 = 1
    private static let isCompleted: UInt64 = 2

    let index: Int
    let capacity: Int
    private let eventLoop: any EventLoop
    /// The pointer is written once before use; its memory is accessed only through atomics and lives as long as the
    /// queue.
    private nonisolated(unsafe) let slots: UnsafeMutablePointer<Atomic<UInt64>>
    private let waiting = Mutex(Waiting())
    /// [on the loop] The reference is strong: an instance's ports live until it is destroyed.
    nonisolated(unsafe) var port: (any CompletionReceiver)?

    init(index: Int, capacity: Int, eventLoop: any EventLoop) {
        self.index = index
        self.capacity = capacity
        self.eventLoop = eventLoop
        slots = .allocate(capacity: capacity)
        for slot in 0..<capacity { (slots + slot).initialize(to: Atomic(0)) }
    }

    deinit {
        slots.deinitialize(count: capacity)
        slots.deallocate()
    }

    /// [any thread] Calls `body` with the port, on its loop.
    func onLoop(_ body: @escaping @Sendable ((any CompletionReceiver)?) -> Void) {
        eventLoop.execute { body(self.port) }
    }

    /// [on the loop] Opens a use of a slot.
    func open(slot: Int, generation: UInt32) {
        slots[slot].store(UInt64(generation) << 32 | Self.isOpen, ordering: .releasing)
    }

    /// [on the loop] Closes a use of a slot. Later completions of it are refused.
    func close(slot: Int, generation: UInt32) {
        slots[slot].store(UInt64(generation) << 32, ordering: .releasing)
    }

    /// [any thread] Accepts a completion, if its operation is open, and wakes the loop.
    func complete(_ id: OperationID, status: Int32) -> Verdict {
        guard id.slot < capacity, id.generation > 0 else { return .unknown }
        let generation = UInt64(id.generation) << 32
        let (isExchanged, found) = slots[id.slot].compareExchange(
            expected: generation | Self.isOpen,
            desired: generation | Self.isCompleted,
            ordering: .acquiringAndReleasing
        )
        guard isExchanged else {
            if found >> 32 < UInt64(id.generation) { return .unknown }
            return found == generation | Self.isCompleted ? .double : .stale
        }
        let wakesUp = waiting.withLock { waiting in
            waiting.completions.append(Completion(id: id, status: status))
            defer { waiting.isWakeUpUnderWay = true }
            return !waiting.isWakeUpUnderWay
        }
        if wakesUp { eventLoop.execute { self.port?.deliver() } }
        return .accepted
    }

    /// [on the loop] Whether a completion of a use of a slot has been accepted, and is delivered soon.
    func isCompleted(_ id: OperationID) -> Bool {
        guard id.slot < capacity else { return false }
        return slots[id.slot].load(ordering: .acquiring) == UInt64(id.generation) << 32 | Self.isCompleted
    }

    /// [any thread] The ids of the operations that the plugin has not completed.
    var openOperations: [UInt64] {
        (0..<capacity).compactMap { slot in
            let word = slots[slot].load(ordering: .acquiring)
            guard word & Self.isOpen != 0 else { return nil }
            return OperationID(generation: UInt32(word >> 32), port: index, slot: slot).rawValue
        }
    }

    /// [on the loop] Moves the received completions into `batch`, which is empty.
    func take(into batch: inout [Completion]) {
        waiting.withLock { waiting in
            swap(&waiting.completions, &batch)
            waiting.isWakeUpUnderWay = false
        }
    }
}
