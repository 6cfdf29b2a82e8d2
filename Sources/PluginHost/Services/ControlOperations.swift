import PluginAPI
import Synchronization

/// Start and shutdown: operations that no event loop waits for.
final class ControlOperations: Sendable {
    private struct State {
        var lastGeneration: UInt32 = 0
        var actions: [UInt64: @Sendable (Int32) -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Calls `function` with an operation. `ended` is called with its status once, on whichever thread ended it,
    /// possibly before this returns. The operation's memory lives until then.
    func run(
        deadline: UInt64,
        _ function: (UnsafeMutablePointer<gw_plain_op>) -> Int32,
        ended: @escaping @Sendable (_ status: Int32, _ detail: String?) -> Void
    ) {
        let memory = Memory()
        let id = state.withLock { state in
            state.lastGeneration &+= 1
            let id = OperationID(generation: state.lastGeneration, port: OperationID.controlPort, slot: 0)
            state.actions[id.rawValue] = { status in ended(status, memory.detail) }
            return id
        }
        memory.operation.pointee.op.id = id.rawValue
        memory.operation.pointee.op.deadline_ns = deadline
        let status = function(memory.operation)
        guard status != GW_PENDING else { return }
        let action = state.withLock { $0.actions.removeValue(forKey: id.rawValue) }
        action?(status)
    }

    func complete(_ id: OperationID, status: Int32) -> CompletionQueue.Verdict {
        let (action, isPast) = state.withLock { state in
            (state.actions.removeValue(forKey: id.rawValue), id.generation <= state.lastGeneration && id.generation > 0)
        }
        guard let action else { return isPast ? .double : .unknown }
        action(status)
        return .accepted
    }

    /// It is `@unchecked Sendable` because only the plugin writes to it until the operation has ended, and then one
    /// thread reads it.
    private final class Memory: @unchecked Sendable {
        let operation: UnsafeMutablePointer<gw_plain_op> = .allocate(capacity: 1)
        private let error: UnsafeMutablePointer<gw_error> = .allocate(capacity: 1)

        init() {
            error.initialize(to: .empty)
            operation.initialize(to: gw_plain_op())
            operation.pointee.struct_size = UInt32(MemoryLayout<gw_plain_op>.size)
            operation.pointee.op.error = error
        }

        deinit {
            operation.deallocate()
            error.deallocate()
        }

        var detail: String? { error.pointee.text }
    }
}
