import Deadlines
import NIOCore
import PluginAPI

/// Submits operations to the plugin.
extension PluginPort {
    /// Submits some of a look-up's items to the plugin, or makes them failures.
    /// - Parameter fill: writes the keys.
    func submit(
        _ lookup: PluginLookup,
        items: Range<Int>,
        _ deadline: NIODeadline,
        keyLengths: some Sequence<Int>,
        _ fill: (inout OperationMemory) -> Void
    ) {
        do throws(OperationFailure) {
            let block = try takeBlock(.get, items: items, keyLengths: keyLengths, parts: 0)
            fill(&block.memory)
            lookup.add(block)
            call(block, deadline, owner: lookup)
        } catch {
            observer?.refused(.get, error)
            lookup.addFailure(error, firstItem: items.lowerBound)
        }
    }

    /// Submits a part of a write to the plugin, or makes it a failure.
    /// - Parameter fill: writes the keys and values.
    func submit(
        _ write: some PendingWrite,
        _ kind: OperationMemory.Kind,
        items: Range<Int>,
        _ deadline: NIODeadline,
        keyLengths: some Sequence<Int>,
        parts: Int = 0,
        _ fill: (inout OperationMemory) -> Void
    ) {
        do throws(OperationFailure) {
            let block = try takeBlock(kind, items: items, keyLengths: keyLengths, parts: parts)
            fill(&block.memory)
            write.add()
            call(block, deadline, owner: write)
        } catch {
            observer?.refused(kind.operation, error)
            write.fail(error, items: items.lowerBound..<max(items.upperBound, items.lowerBound + 1))
        }
    }

    /// Stores entries in one operation.
    func submit(_ write: WriteOperation, _ range: Range<Int>, _ items: ArraySlice<PluginItem>, _ deadline: NIODeadline)
    {
        submit(
            write,
            .set,
            items: range,
            deadline,
            keyLengths: items.lazy.map { $0.key.utf8.count },
            parts: items.reduce(0) { $0 + $1.parts.count }
        ) { memory in
            memory.setKeys(items.lazy.map(\.key))
            for (index, item) in items.enumerated() {
                memory.setItem(
                    index,
                    value: item.parts,
                    timeToLiveMilliseconds: item.timeToLiveMilliseconds ?? 0
                )
            }
        }
    }

    /// Takes a block for an operation, if the breaker admits it and its keys are valid.
    private func takeBlock(
        _ kind: OperationMemory.Kind,
        items: Range<Int>,
        keyLengths: some Sequence<Int>,
        parts: Int
    ) throws(OperationFailure) -> OperationBlock {
        eventLoop.assertInEventLoop()
        if isClosed { throw .cancelled }
        let longest = min(instance.limits.keyBytes ?? OperationMemory.longestKey, OperationMemory.longestKey)
        guard keyLengths.allSatisfy({ (1...longest).contains($0) }) else { throw .invalid }
        failureText = nil
        let breaker = instance.breakers[kind]
        let admission = instance.breakers.admit(kind)
        guard admission != .refuse else { throw .breakerOpen }
        guard let block = blocks.take({ OperationBlock(port: self, slot: $0) }) else {
            breaker?.saidNothing(isProbe: admission == .probe)
            throw .busy
        }
        block.begin(
            kind,
            count: items.count,
            parts: parts,
            firstItem: items.lowerBound,
            isProbe: admission == .probe,
            queue: queue
        )
        return block
    }

    private func call(_ block: OperationBlock, _ deadline: NIODeadline, owner: any BlockOwner) {
        block.owner = owner
        let call = PluginCall(
            functions: instance.functions,
            inquire: instance.inquire,
            cache: instance.cache,
            operation: block.memory.call(
                id: block.use.id,
                deadline: deadline == .distantFuture ? 0 : deadline.uptimeNanoseconds
            )
        )
        noteBegin(of: block)
        let status: Int32
        switch instance.gate {
        case .concurrent: status = call.run(mark)
        case .serial(let gate): status = gate.run(call, mark)
        case .blocking(let pool):
            let (id, services) = (block.use.id, instance.services)
            let job = BlockingPool.Job(call) { services.complete(id, status: $0) }
            // What tells whether the backend works does not wait behind what may be stuck.
            let isUrgent = block.use.isProbe || block.memory.kind == .ping
            block.use.place = pool.submit(job, isUrgent: isUrgent)
            status = block.use.place == nil ? GW_EBUSY : GW_PENDING
        }
        guard status == GW_PENDING else {
            queue.close(slot: block.slot, generation: block.use.id.generation)
            return finish(block, status)
        }
        block.state = .pending
        notePending(block)
        if deadline != .distantFuture {
            block.deadline = deadlines.arm(at: deadline, for: block, reason: block.use.id.generation)
        }
    }
}

extension OperationMemory {
    /// Copies the keys of all items.
    mutating func setKeys(_ keys: some Sequence<String>) {
        for (index, key) in keys.enumerated() {
            var key = key
            key.withUTF8 { setKey(index, UnsafeRawBufferPointer($0)) }
        }
    }
}
