import Deadlines
public import NIOCore
import PluginAPI

/// One event loop's way to a plugin instance. Every call is made, and every callback comes, on that loop.
///
/// A look-up that the plugin answers inline allocates nothing once warm and touches nothing that another
/// loop writes.
public final class PluginPort {
    public let eventLoop: any EventLoop
    let deadlines: Deadlines
    let queue: CompletionQueue
    let instance: PluginInstance
    let functions: PluginFunctions
    let cache: OpaquePointer
    private let gate: CallGate
    let limits: LoadedPlugin.Limits
    var blocks: [OperationBlock] = []
    var spareBlocks: [OperationBlock] = []
    private var spareReads: [GetOperation] = []
    var arrived: [CompletionQueue.Completion] = []
    var leases: [UInt64] = []
    var whenIdle: (() -> Void)?
    private(set) var isClosed = false

    private static let mostItems = 1024
    /// No value of a plugin's can be larger, in bytes.
    private let possibleValue: UInt64
    /// No larger value is read, in bytes.
    let largestValue: UInt64
    /// Whether an operation whose deadline has passed is judged by how the plugin completes it.
    let judgesByCompletion: Bool
    /// Operations whose deadline has passed and which the plugin has not completed.
    var overdue = 0

    init(instance: PluginInstance, queue: CompletionQueue, deadlines: Deadlines) {
        self.instance = instance
        self.queue = queue
        self.deadlines = deadlines
        self.eventLoop = deadlines.eventLoop
        self.functions = instance.plugin.functions
        self.cache = instance.cache
        self.gate = instance.gate
        self.limits = instance.plugin.limits
        self.possibleValue = instance.plugin.limits.valueBytes.map { UInt64($0) } ?? 1 << 32
        self.largestValue = min(possibleValue, UInt64(clamping: instance.settings.largestValue))
        self.judgesByCompletion = instance.plugin.capabilities.contains(.partial)
    }

    /// How many operations the plugin has or somebody reads.
    public var blocksInUse: Int { blocks.count - spareBlocks.count }

    // MARK: Operations

    /// Looks up one key, of 1 to 512 bytes.
    public func get(key: UnsafeRawBufferPointer, deadline: NIODeadline) -> GetOperation {
        let operation = newRead(count: 1)
        if let failure = submitRead(
            operation,
            firstItem: 0,
            count: 1,
            deadline,
            { $0.setKey(0, key) },
            CollectionOfOne(key.count)
        ) {
            operation.addFailure(failure, firstItem: 0)
        }
        return operation
    }

    /// Looks up several keys. Asks the plugin for as many at a time as it takes.
    public func get(keys: [String], deadline: NIODeadline) -> GetOperation {
        let operation = newRead(count: keys.count)
        let step = min(limits.itemsPerOperation ?? Self.mostItems, Self.mostItems)
        for first in stride(from: 0, to: keys.count, by: max(1, step)) {
            let part = keys[first..<min(keys.count, first + step)]
            let fill: (OperationBlock) -> Void = { block in
                for (index, key) in part.enumerated() { Self.setKey(key, index, in: block) }
            }
            if let failure = submitRead(
                operation,
                firstItem: first,
                count: part.count,
                deadline,
                fill,
                part.lazy.map { $0.utf8.count }
            ) {
                operation.addFailure(failure, firstItem: first)
            }
        }
        return operation
    }

    /// Stores one entry. `completion` gets nil once, possibly before this returns, if it is stored. The key is copied, the
    /// value is not.
    public func set(
        key: UnsafeRawBufferPointer,
        value: [ByteBuffer],
        timeToLiveMilliseconds: UInt64?,
        deadline: NIODeadline,
        completion: @escaping (PluginFailure?) -> Void
    ) {
        guard limits.valueBytes.map({ value.totalBytes <= $0 }) ?? true else { return completion(.tooLarge) }
        submitWrite(
            SingleWrite(completion: completion),
            .set,
            firstItem: 0,
            count: 1,
            deadline,
            keyLengths: CollectionOfOne(key.count),
            parts: value.count
        ) { block in
            block.setKey(0, key)
            block.setItem(
                0,
                value: value,
                timeToLiveMilliseconds: timeToLiveMilliseconds ?? 0,
                onlyIfAbsent: false
            )
        }
    }

    /// Stores entries. `completion` gets an outcome for each, once, possibly before this returns.
    public func set(
        _ items: [PluginItem],
        deadline: NIODeadline,
        completion: @escaping ([WriteOutcome]) -> Void
    ) {
        let operation = WriteOperation(count: items.count) { outcomes, _ in completion(outcomes) }
        let step = max(1, min(limits.itemsPerOperation ?? Self.mostItems, Self.mostItems))
        var first = 0
        while first < items.count {
            var end = first
            while end < items.count, end - first < step, fits(items[end]) { end += 1 }
            if end == first {
                operation.fail(.tooLarge, items: first..<first + 1)
                first += 1
                continue
            }
            let part = items[first..<end]
            submitWrite(
                operation,
                .set,
                firstItem: first,
                count: part.count,
                deadline,
                keyLengths: part.lazy.map { $0.key.utf8.count },
                parts: part.reduce(0) { $0 + $1.parts.count }
            ) { block in
                for (index, item) in part.enumerated() {
                    Self.setKey(item.key, index, in: block)
                    block.setItem(
                        index,
                        value: item.parts,
                        timeToLiveMilliseconds: item.timeToLiveMilliseconds ?? 0,
                        onlyIfAbsent: item.onlyIfAbsent
                    )
                }
            }
            first = end
        }
        operation.submitted()
    }

    /// Removes entries. Needs `PluginCapabilities.delete`.
    public func delete(
        keys: [String],
        deadline: NIODeadline,
        completion: @escaping ([WriteOutcome]) -> Void
    ) {
        let operation = WriteOperation(count: keys.count) { outcomes, _ in completion(outcomes) }
        let step = max(1, min(limits.itemsPerOperation ?? Self.mostItems, Self.mostItems))
        for first in stride(from: 0, to: keys.count, by: step) {
            let part = keys[first..<min(keys.count, first + step)]
            submitWrite(
                operation,
                .delete,
                firstItem: first,
                count: part.count,
                deadline,
                keyLengths: part.lazy.map { $0.utf8.count }
            ) { block in
                for (index, key) in part.enumerated() { Self.setKey(key, index, in: block) }
            }
        }
        operation.submitted()
    }

    /// Makes a round trip to the backend. `completion` gets nil if it answered.
    public func ping(deadline: NIODeadline, completion: @escaping (PluginFailure?) -> Void) {
        let operation = WriteOperation(count: 1) { outcomes, _ in completion(Self.failure(outcomes)) }
        submitWrite(operation, .ping, firstItem: 0, count: 0, deadline, keyLengths: EmptyCollection()) { _ in }
        operation.submitted()
    }

    /// Removes every entry whose key begins with `prefix`; `completion` gets how many they were.
    /// Needs `PluginCapabilities.flush`.
    public func flush(
        prefix: String,
        deadline: NIODeadline,
        completion: @escaping (Result<UInt64, PluginFailure>) -> Void
    ) {
        let operation = WriteOperation(count: 1) { outcomes, removed in
            completion(Self.failure(outcomes).map { .failure($0) } ?? .success(removed))
        }
        submitWrite(
            operation,
            .flush,
            firstItem: 0,
            count: 1,
            deadline,
            keyLengths: CollectionOfOne(prefix.utf8.count)
        ) { Self.setKey(prefix, 0, in: $0) }
        operation.submitted()
    }

    /// What is wrong with a value that is not read.
    func refusal(of value: gw_slice) -> PluginFailure {
        guard value.n > possibleValue || value.p == nil else { return .tooLarge }
        instance.services.misbehaviour.note(.impossibleValue)
        return .defect
    }

    // MARK: Submission

    private func submitRead(
        _ operation: GetOperation,
        firstItem: Int,
        count: Int,
        _ deadline: NIODeadline,
        _ fill: (OperationBlock) -> Void,
        _ keyLengths: some Sequence<Int>
    ) -> PluginFailure? {
        if let failure = refusal(keyLengths) { return failure }
        let admission = instance.breaker.admit()
        guard admission != .refuse else { return .breakerOpen }
        guard let block = takeBlock() else {
            instance.breaker.saidNothing(isProbe: admission == .probe)
            return .busy
        }
        block.begin(.get, count: count, queue: queue)
        block.firstItem = firstItem
        block.isProbe = admission == .probe
        fill(block)
        operation.add(block)
        call(block, deadline, owner: operation)
        return nil
    }

    private func submitWrite(
        _ operation: some PendingWrite,
        _ kind: OperationBlock.Kind,
        firstItem: Int,
        count: Int,
        _ deadline: NIODeadline,
        keyLengths: some Sequence<Int>,
        parts: Int = 0,
        _ fill: (OperationBlock) -> Void
    ) {
        let items = firstItem..<firstItem + max(1, count)
        if let failure = refusal(keyLengths) { return operation.fail(failure, items: items) }
        let admission = instance.breaker.admit()
        guard admission != .refuse else { return operation.fail(.breakerOpen, items: items) }
        guard let block = takeBlock() else {
            instance.breaker.saidNothing(isProbe: admission == .probe)
            return operation.fail(.busy, items: items)
        }
        block.begin(kind, count: count, parts: parts, queue: queue)
        block.firstItem = firstItem
        block.isProbe = admission == .probe
        fill(block)
        operation.add()
        call(block, deadline, owner: operation)
    }

    private func refusal(_ keyLengths: some Sequence<Int>) -> PluginFailure? {
        eventLoop.assertInEventLoop()
        if isClosed { return .cancelled }
        let longest = min(limits.keyBytes ?? OperationBlock.longestKey, OperationBlock.longestKey)
        return keyLengths.allSatisfy { (1...longest).contains($0) } ? nil : .invalid
    }

    private func call(_ block: OperationBlock, _ deadline: NIODeadline, owner: any BlockOwner) {
        block.owner = owner
        let limit = deadline == .distantFuture ? 0 : deadline.uptimeNanoseconds
        let operation: PluginCall.Operation =
            switch block.kind {
            case .get: .get(block.getOperation(deadline: limit))
            case .set: .set(block.setOperation(deadline: limit))
            case .delete: .delete(block.deleteOperation(deadline: limit))
            case .ping: .ping(block.plainOperation(deadline: limit))
            case .flush: .flush(block.flushOperation(deadline: limit))
            }
        let call = PluginCall(functions: functions, cache: cache, operation: operation)
        let status: Int32
        switch gate {
        case .concurrent: status = call.run()
        case .serial(let gate): status = gate.run(call)
        case .blocking(let pool):
            let (id, services) = (block.id, instance.services)
            status = pool.submit(call) { services.complete(id, status: $0) }
        }
        guard status == GW_PENDING else {
            queue.close(slot: block.slot, generation: block.generation)
            return finish(block, status)
        }
        block.isPending = true
        if deadline != .distantFuture {
            block.deadline = deadlines.arm(at: deadline, for: block, reason: block.generation)
        }
    }

    // MARK: Memory

    private func takeBlock() -> OperationBlock? {
        if let block = spareBlocks.popLast() { return block }
        guard blocks.count < queue.capacity else { return nil }
        let block = OperationBlock(port: self, slot: blocks.count)
        blocks.append(block)
        return block
    }

    private func newRead(count: Int) -> GetOperation {
        // Somebody who still holds a released operation must not see another's values in it.
        if var spare = spareReads.popLast(), isKnownUniquelyReferenced(&spare) {
            spare.begin(count: count)
            return spare
        }
        let operation = GetOperation(port: self)
        operation.begin(count: count)
        return operation
    }

    func keep(_ operation: GetOperation) {
        if spareReads.count < 64 { spareReads.append(operation) }
    }

    private func fits(_ item: PluginItem) -> Bool {
        limits.valueBytes.map { item.size <= $0 } ?? true
    }

    private static func setKey(_ key: String, _ index: Int, in block: OperationBlock) {
        var key = key
        key.withUTF8 { block.setKey(index, UnsafeRawBufferPointer($0)) }
    }

    private static func failure(_ outcomes: [WriteOutcome]) -> PluginFailure? {
        if case .failure(let failure)? = outcomes.first { failure } else { nil }
    }

    // MARK: Closing

    /// Takes nothing new from now on. `whenIdle` is called once every operation has ended and is released.
    func close(whenIdle: @escaping () -> Void) {
        isClosed = true
        if blocksInUse == 0 { whenIdle() } else { self.whenIdle = whenIdle }
    }
}
