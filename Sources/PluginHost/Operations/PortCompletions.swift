import Deadlines
import PluginAPI

/// The ends of operations: in the call, by a completion, at their deadline, or because their owner released them.
extension PluginPort: CompletionReceiver {
    /// Handles the operations that were completed since the last delivery.
    func deliver() {
        var batch: [CompletionQueue.Completion] = []
        swap(&batch, &arrived)
        queue.take(into: &batch)
        for completion in batch {
            guard let block = blocks.element(at: completion.id.slot), block.state.isOwed, block.use.id == completion.id
            else {
                instance.services.misbehaviour.note(.inlineCompletion)
                continue
            }
            queue.close(slot: block.slot, generation: completion.id.generation)
            finish(block, completion.status)
        }
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &arrived)
    }

    /// The plugin is done with an operation.
    func finish(_ block: OperationBlock, _ status: Int32) {
        disarm(block)
        block.memory.returnBuffers()
        let failure = status == GW_OK ? nil : OperationFailure(status: status)
        let wasOverdue = block.state == .overdue
        block.state = failure == nil && block.memory.kind == .get ? .readable : .idle
        guard let owner = block.owner else {
            if wasOverdue {
                overdue.completed()
                // An answer after the deadline counts as a timeout.
                record(block, failure ?? .timeout)
            }
            return recycle(block)
        }
        block.owner = nil
        record(block, failure)
        if !owner.settled(block, failure: failure) { recycle(block) }
    }

    /// The block's deadline has passed. Its owner no longer waits, but its memory is still the plugin's.
    func expired(_ block: OperationBlock) {
        block.deadline = nil
        guard block.state == .pending, let owner = block.owner else { return }
        block.owner = nil
        let verdict = overdue.deadlinePassed()
        block.state = verdict == .whenCompleted ? .overdue : .abandoned
        // The host does not wait for an overdue probe, since the next one could not begin.
        if verdict == .failure || block.use.isProbe {
            let timeout = OperationFailure.timeout
            instance.breaker.failed(timeout.description, code: timeout.code, isProbe: block.use.isProbe)
        }
        instance.functions.cancel?(instance.cache, block.use.id.rawValue)
        owner.gaveUp(block, failure: .timeout)
    }

    /// The owner no longer waits.
    func abandon(_ block: OperationBlock) {
        disarm(block)
        block.owner = nil
        block.state = .abandoned
        instance.breaker.saidNothing(isProbe: block.use.isProbe)
        instance.functions.cancel?(instance.cache, block.use.id.rawValue)
    }

    private func disarm(_ block: OperationBlock) {
        guard let deadline = block.deadline else { return }
        deadlines.disarm(deadline)
        block.deadline = nil
    }

    /// Reports to the breaker how an operation ended.
    private func record(_ block: OperationBlock, _ failure: OperationFailure?) {
        let isProbe = block.use.isProbe
        guard let ended = failure ?? block.memory.failureOfEveryItem else {
            return instance.breaker.succeeded(isProbe: isProbe)
        }
        // Other parts of the backend answer, so that the probe has succeeded.
        if ended == .partial, isProbe { return instance.breaker.succeeded(isProbe: true) }
        guard ended.isOutage else { return instance.breaker.saidNothing(isProbe: isProbe) }
        let text = block.memory.errorText.map { ": " + instance.services.clean($0) } ?? ""
        instance.breaker.failed(ended.description + text, code: ended.code, isProbe: isProbe)
    }

    // MARK: Results and leases

    /// The outcome of a look-up for one of the block's items.
    func outcome(of block: OperationBlock, at index: Int) -> PluginLookup.Outcome {
        guard block.state == .readable, index >= 0, index < block.count else { return .failure(.cancelled) }
        let result = block.memory.result(at: index)
        switch result.status {
        case GW_MISS: return .miss
        case GW_OK: break
        default: return .failure(OperationFailure(status: result.status))
        }
        switch readable.verdict(on: result.value) {
        case .readable: break
        case .tooLarge: return .failure(.tooLarge)
        case .impossible:
            instance.services.misbehaviour.note(.impossibleValue)
            return .failure(.defect)
        }
        return .hit(UnsafeRawBufferPointer(start: result.value.p, count: Int(clamping: result.value.n)))
    }

    /// Returns a block whose operation has ended to the pool, and gives its leases back to the plugin in one call.
    func recycle(_ block: OperationBlock) {
        if block.state == .readable {
            block.state = .idle
            block.memory.appendLeases(to: &leases)
            if !leases.isEmpty {
                if let release = instance.functions.release {
                    leases.withUnsafeBufferPointer {
                        release(instance.cache, $0.baseAddress, UInt32(truncatingIfNeeded: $0.count))
                    }
                } else {
                    instance.services.misbehaviour.note(.lostLease)
                }
                leases.removeAll(keepingCapacity: true)
            }
        }
        blocks.giveBack(block)
        if isClosed, blocksInUse == 0, let action = whenIdle {
            whenIdle = nil
            action()
        }
    }
}
