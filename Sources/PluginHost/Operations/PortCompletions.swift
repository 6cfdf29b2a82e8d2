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

    /// The plugin is done with an operation, or was never called.
    /// - Parameter saysNothing: whether the outcome tells nothing about the backend.
    func finish(_ block: OperationBlock, _ status: Int32, saysNothing: Bool = false) {
        disarm(block)
        block.memory.returnBuffers()
        let failure = status == GW_OK ? nil : OperationFailure(status: status)
        failureText = failure == nil ? nil : failureText(of: block)
        let former = block.state
        block.state = failure == nil && block.memory.kind == .get ? .readable : .idle
        guard let owner = block.owner else {
            if former == .overdue || former == .abandoned { unowned -= 1 }
            if former == .overdue {
                overdue.completed()
                // An answer after the deadline counts as a timeout.
                record(block, failure ?? .timeout)
            }
            return recycle(block)
        }
        block.owner = nil
        report(block, failure)
        if saysNothing {
            instance.breakers[block.memory.kind]?.saidNothing(isProbe: block.use.isProbe)
        } else {
            record(block, failure)
        }
        if !owner.settled(block, failure: failure) { recycle(block) }
    }

    /// The block's deadline has passed. Its owner no longer waits, but its memory is still the plugin's.
    func expired(_ block: OperationBlock) {
        block.deadline = nil
        guard block.state == .pending, let owner = block.owner else { return }
        // The answer is there, and waits only for this loop.
        if queue.isCompleted(block.use.id) { return deliver() }
        var isLateByItself = true
        let withdrawal = withdraw(block)
        switch withdrawal {
        case nil: break
        case .begun(let hasWaited): isLateByItself = !hasWaited
        // Where the plugin returns from no call, it does not answer. Otherwise there are only too many calls.
        case .stuck, .crowdedOut:
            queue.close(slot: block.slot, generation: block.use.id.generation)
            return finish(block, GW_ETIMEOUT, saysNothing: withdrawal == .crowdedOut)
        }
        failureText = nil
        block.owner = nil
        let verdict = overdue.deadlinePassed()
        block.state = verdict == .whenCompleted ? .overdue : .abandoned
        // The host does not wait for an overdue probe, since the next one could not begin.
        if block.use.isProbe || (verdict == .failure && isLateByItself) { recordTimeout(of: block) }
        unowned += 1
        cancel(block)
        reportUnfinished(block, .timeout)
        owner.gaveUp(block, failure: .timeout)
        settle()
    }

    private func recordTimeout(of block: OperationBlock) {
        let timeout = OperationFailure.timeout
        guard let breaker = instance.breakers[block.memory.kind] else {
            return instance.breakers.pingFailed(timeout.description, code: timeout.code)
        }
        breaker.failed(timeout.description, code: timeout.code, isProbe: block.use.isProbe)
    }

    /// Takes back a call that waits for a thread of a plugin that blocks.
    /// - Returns: nil if the plugin is not one of those.
    private func withdraw(_ block: OperationBlock) -> CallQueue<BlockingPool.Job>.Withdrawal? {
        guard case .blocking(let pool) = instance.gate, let place = block.use.place else { return nil }
        return pool.withdraw(place)
    }

    private func cancel(_ block: OperationBlock) {
        guard let cancel = instance.functions.cancel else { return }
        mark.during(.cancel) { cancel(instance.cache, block.use.id.rawValue) }
    }

    /// The owner no longer waits.
    func abandon(_ block: OperationBlock) {
        disarm(block)
        block.owner = nil
        instance.breakers[block.memory.kind]?.saidNothing(isProbe: block.use.isProbe)
        switch withdraw(block) {
        case nil, .begun: break
        case .stuck, .crowdedOut:
            queue.close(slot: block.slot, generation: block.use.id.generation)
            return finish(block, GW_ECANCELLED, saysNothing: true)
        }
        block.state = .abandoned
        unowned += 1
        cancel(block)
        reportUnfinished(block, .cancelled)
        settle()
    }

    private func disarm(_ block: OperationBlock) {
        guard let deadline = block.deadline else { return }
        deadlines.disarm(deadline)
        block.deadline = nil
    }

    /// Reports to the breaker how an operation ended.
    private func record(_ block: OperationBlock, _ failure: OperationFailure?) {
        let isProbe = block.use.isProbe
        guard let breaker = instance.breakers[block.memory.kind] else { return recordPing(block, failure) }
        guard let ended = failure ?? block.memory.failureOfEveryItem else {
            return breaker.succeeded(isProbe: isProbe)
        }
        // Other parts of the backend answer, so that the probe has succeeded.
        if ended == .partial, isProbe { return breaker.succeeded(isProbe: true) }
        guard ended.isOutage else { return breaker.saidNothing(isProbe: isProbe) }
        breaker.failed(
            words(for: ended, of: block),
            code: ended.code,
            isProbe: isProbe,
            retryAfter: block.memory.retryAfterNanoseconds
        )
    }

    /// A ping fails only where the backend as a whole does not answer, and not where there is too much to do.
    private func recordPing(_ block: OperationBlock, _ failure: OperationFailure?) {
        guard let failure else { return instance.breakers.pingSucceeded() }
        guard failure.isOutage else { return }
        instance.breakers.pingFailed(words(for: failure, of: block), code: failure.code)
    }

    /// The plugin's text for an operation that has ended, without secrets, if there is one.
    func failureText(of block: OperationBlock) -> String? {
        block.memory.errorText.map(instance.services.clean)
    }

    private func words(for failure: OperationFailure, of block: OperationBlock) -> String {
        failure.described(failureText(of: block))
    }

    // MARK: Results and leases

    /// The outcome of a look-up for one of the block's items.
    func outcome(of block: OperationBlock, at index: Int) -> PluginLookup.Outcome {
        guard block.state == .readable, index >= 0, index < block.count else { return .failure(.cancelled) }
        let result = block.memory.result(at: index)
        switch result.status {
        case GW_OK: break
        // An unknown positive status is of a later minor version and means that there is no value (rule L-7).
        case GW_MISS...: return .miss
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
                    mark.begin(.release)
                    leases.withUnsafeBufferPointer {
                        release(instance.cache, $0.baseAddress, UInt32(truncatingIfNeeded: $0.count))
                    }
                    mark.end()
                } else {
                    instance.services.misbehaviour.note(.lostLease)
                }
                leases.removeAll(keepingCapacity: true)
            }
        }
        blocks.giveBack(block)
        settle()
    }
}
