import Deadlines
import PluginAPI

/// How operations end: in the call, by a completion, at their deadline, or because nobody waits any more.
extension PluginPort {
    /// Takes what has been completed since the last time.
    func deliver() {
        var batch: [CompletionQueue.Completion] = []
        swap(&batch, &arrived)
        queue.take(into: &batch)
        for completion in batch {
            let slot = completion.id.slot
            guard slot < blocks.count, blocks[slot].isPending, blocks[slot].generation == completion.id.generation
            else {
                instance.services.misbehaviour.note(.inlineCompletion)
                continue
            }
            blocks[slot].isPending = false
            queue.close(slot: slot, generation: completion.id.generation)
            finish(blocks[slot], completion.status)
        }
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &arrived)
    }

    func finish(_ block: OperationBlock, _ status: Int32) {
        if let deadline = block.deadline {
            deadlines.disarm(deadline)
            block.deadline = nil
        }
        block.returnBuffers()
        let failure = status == GW_OK ? nil : PluginFailure(status: status)
        block.hasResults = failure == nil && block.kind == .get
        guard let owner = block.owner else {
            if block.isExpired { judge(block, failure) }
            return recycle(block)
        }
        block.owner = nil
        record(block, failure)
        if !owner.settled(block, failure: failure) { recycle(block) }
    }

    private func record(_ block: OperationBlock, _ failure: PluginFailure?) {
        guard let ended = failure ?? itemsFailure(block) else {
            return instance.breaker.succeeded(isProbe: block.isProbe)
        }
        // Other parts of the backend answer: a probe has found out what it was to find out.
        if ended == .partial, block.isProbe { return instance.breaker.succeeded(isProbe: true) }
        guard ended.isOutage else { return instance.breaker.saidNothing(isProbe: block.isProbe) }
        let text = block.errorText.map { ": " + instance.services.clean($0) } ?? ""
        instance.breaker.failed(ended.description + text, code: ended.code, isProbe: block.isProbe)
    }

    /// The plugin has completed an operation whose deadline had passed.
    private func judge(_ block: OperationBlock, _ failure: PluginFailure?) {
        block.isExpired = false
        overdue -= 1
        // An answer that comes too late is none.
        record(block, failure ?? .timeout)
    }

    /// A failure that every item shares in kind: the backend answered none of them.
    private func itemsFailure(_ block: OperationBlock) -> PluginFailure? {
        var last: PluginFailure?
        for index in 0..<block.count {
            let status: Int32
            switch block.kind {
            case .get: status = block.results.base[index].status
            case .set, .delete: status = block.statuses.base[index]
            case .ping, .flush: return nil
            }
            if status == GW_OK || status == GW_MISS { return nil }
            last = PluginFailure(status: status)
        }
        return last
    }

    /// The block's deadline has passed: its reader waits no longer, its memory still does.
    func expired(_ block: OperationBlock) {
        block.deadline = nil
        guard block.isPending, let owner = block.owner else { return }
        block.owner = nil
        // A plugin that knows better says so when it completes the operation, which it does at once; unless it hangs
        // itself.
        let waits = judgesByCompletion && overdue < Self.mostOverdue
        if waits {
            block.isExpired = true
            overdue += 1
        }
        if !waits || block.isProbe {
            let timeout = PluginFailure.timeout
            instance.breaker.failed(timeout.description, code: timeout.code, isProbe: block.isProbe)
        }
        functions.cancel?(cache, block.id.rawValue)
        owner.gaveUp(block, failure: .timeout)
    }

    /// As many operations may be past their deadline without a completion before each of them counts as a failure.
    private static let mostOverdue = 64

    /// The reader has gone.
    func abandon(_ block: OperationBlock) {
        if let deadline = block.deadline {
            deadlines.disarm(deadline)
            block.deadline = nil
        }
        block.owner = nil
        instance.breaker.saidNothing(isProbe: block.isProbe)
        functions.cancel?(cache, block.id.rawValue)
    }

    // MARK: Results and leases

    func outcome(of block: OperationBlock, at index: Int) -> GetOutcome {
        guard block.hasResults, index >= 0, index < block.count else { return .failure(.cancelled) }
        let result = block.results.base[index]
        switch result.status {
        case GW_MISS: return .miss
        case GW_OK: break
        default: return .failure(PluginFailure(status: result.status))
        }
        guard result.value.n <= largestValue, result.value.p != nil || result.value.n == 0 else {
            return .failure(refusal(of: result.value))
        }
        return .hit(
            UnsafeRawBufferPointer(start: result.value.p, count: Int(clamping: result.value.n)),
            timeToLiveMilliseconds: result.ttl_ms == 0 ? nil : result.ttl_ms
        )
    }

    /// Takes a block back whose operation has ended, and gives its leases back to the plugin in one call.
    func recycle(_ block: OperationBlock) {
        if block.hasResults {
            block.hasResults = false
            for index in 0..<block.count where block.results.base[index].lease != 0 {
                leases.append(block.results.base[index].lease)
            }
            if !leases.isEmpty {
                if let release = functions.release {
                    leases.withUnsafeBufferPointer {
                        release(cache, $0.baseAddress, UInt32(truncatingIfNeeded: $0.count))
                    }
                } else {
                    instance.services.misbehaviour.note(.lostLease)
                }
                leases.removeAll(keepingCapacity: true)
            }
        }
        spareBlocks.append(block)
        if isClosed, blocksInUse == 0, let action = whenIdle {
            whenIdle = nil
            action()
        }
    }
}
