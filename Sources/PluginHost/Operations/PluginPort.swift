import Deadlines
public import NIOCore
import PluginAPI

/// One event loop's access to a plugin instance. Every function is called on that loop, and so is every callback.
/// [on the loop]
///
/// A look-up that the plugin answers inline allocates nothing once warm and accesses nothing that another loop writes.
public final class PluginPort {
    /// The loop that the port belongs to.
    public let eventLoop: any EventLoop
    let deadlines: Deadlines
    let queue: CompletionQueue
    let instance: InstanceBinding
    let readable: ReadableValues
    /// What this loop calls of the plugin.
    let mark: CallMark
    /// The plugin's words for the failure of the operation that ended last, without secrets. It is nil where that
    /// operation did not fail, or the plugin said nothing. It is valid in the callbacks of that operation.
    public internal(set) var failureText: String?
    var blocks: SlotPool<OperationBlock>
    var overdue: OverdueOperations
    /// Released look-ups that may be reused.
    private var spareLookups: [PluginLookup] = []
    /// Memory for a delivery, which is reused. It is empty between deliveries.
    var arrived: [CompletionQueue.Completion] = []
    /// Memory for leases, which is reused. It is empty between operations.
    var leases: [UInt64] = []
    /// How many operations the plugin has not completed although nobody waits for them any more.
    var unowned = 0
    /// Is told how operations end. It is nil where nobody wants to know.
    public var observer: (any OperationObserver)?
    /// Called once nobody waits for an operation any more after `close`.
    private var whenSettled: (() -> Void)?
    /// Called once all operations have ended after `close`.
    private var whenIdle: (() -> Void)?
    private(set) var isClosed = false

    private static let mostSpareLookups = 64

    init(instance: InstanceBinding, queue: CompletionQueue, deadlines: Deadlines, mark: CallMark) {
        self.instance = instance
        self.mark = mark
        self.queue = queue
        self.deadlines = deadlines
        self.eventLoop = deadlines.eventLoop
        readable = ReadableValues(pluginLimit: instance.limits.valueBytes, hostLimit: instance.largestValue)
        blocks = SlotPool(capacity: queue.capacity)
        overdue = OverdueOperations(areJudgedByCompletion: instance.capabilities.contains(.partial))
    }

    /// How many operations the plugin has not completed or their owners have not released.
    public var blocksInUse: Int { blocks.inUse }

    // MARK: Operations

    /// Looks up one key, of 1 to 512 bytes.
    public func get(key: UnsafeRawBufferPointer, deadline: NIODeadline) -> PluginLookup {
        let lookup = newLookup(count: 1)
        submit(lookup, items: 0..<1, deadline, keyLengths: CollectionOfOne(key.count)) { $0.setKey(0, key) }
        return lookup
    }

    /// Looks up several keys, in operations of as many keys as the plugin takes.
    public func get(keys: [String], deadline: NIODeadline) -> PluginLookup {
        let lookup = newLookup(count: keys.count)
        for case .operation(let items) in BatchPlan(
            count: keys.count,
            itemsPerOperation: instance.limits.itemsPerOperation
        ) {
            let part = keys[items]
            submit(lookup, items: items, deadline, keyLengths: part.lazy.map { $0.utf8.count }) {
                $0.setKeys(part)
            }
        }
        return lookup
    }

    /// Whether the plugin tells what its servers say of themselves.
    public var answersInquiries: Bool { instance.inquire != nil }

    /// Asks the plugin for reports of its servers by their names, such as `info`. It needs `answersInquiries`. Their texts
    /// are the values of the look-up, and have no secrets. A name that the plugin does not know is a miss.
    public func inquire(_ names: [String], deadline: NIODeadline) -> PluginLookup {
        let lookup = newLookup(count: names.count)
        submit(lookup, items: 0..<names.count, deadline, keyLengths: names.lazy.map { $0.utf8.count }) {
            $0.setKeys(names)
            $0.isInquiry = true
        }
        return lookup
    }

    /// Stores one entry. `completion` is called once, possibly before this returns, with nil where it is stored. The
    /// key is copied, the value is not.
    public func set(
        key: UnsafeRawBufferPointer,
        value: [ByteBuffer],
        timeToLiveMilliseconds: UInt64?,
        deadline: NIODeadline,
        completion: @escaping (OperationFailure?) -> Void
    ) {
        guard fits(value.totalBytes) else { return completion(.tooLarge) }
        submit(
            SingleWrite(completion: completion),
            .set,
            items: 0..<1,
            deadline,
            keyLengths: CollectionOfOne(key.count),
            parts: value.count
        ) { memory in
            memory.setKey(0, key)
            memory.setItem(0, value: value, timeToLiveMilliseconds: timeToLiveMilliseconds ?? 0)
        }
    }

    /// Stores entries. `completion` is called once, possibly before this returns, with an outcome for each.
    public func set(
        _ items: [PluginItem],
        deadline: NIODeadline,
        completion: @escaping ([WriteOutcome]) -> Void
    ) {
        let operation = WriteOperation(count: items.count) { outcomes, _ in completion(outcomes) }
        let plan = BatchPlan(count: items.count, itemsPerOperation: instance.limits.itemsPerOperation) {
            self.fits(items[$0].size)
        }
        for part in plan {
            switch part {
            case .refused(let index): operation.fail(.tooLarge, items: index..<index + 1)
            case .operation(let range): submit(operation, range, items[range], deadline)
            }
        }
        operation.submitted()
    }

    /// Removes entries. It needs `PluginCapabilities.delete`. `completion` is called once, possibly before this
    /// returns, with an outcome for each.
    public func delete(
        keys: [String],
        deadline: NIODeadline,
        completion: @escaping ([WriteOutcome]) -> Void
    ) {
        let operation = WriteOperation(count: keys.count) { outcomes, _ in completion(outcomes) }
        for case .operation(let items) in BatchPlan(
            count: keys.count,
            itemsPerOperation: instance.limits.itemsPerOperation
        ) {
            let part = keys[items]
            submit(operation, .delete, items: items, deadline, keyLengths: part.lazy.map { $0.utf8.count }) {
                $0.setKeys(part)
            }
        }
        operation.submitted()
    }

    /// Makes a round trip to the backend. `completion` is called once, possibly before this returns, with nil where it
    /// answered.
    public func ping(deadline: NIODeadline, completion: @escaping (OperationFailure?) -> Void) {
        let operation = WriteOperation(count: 1) { outcomes, _ in completion(Self.failure(outcomes)) }
        submit(operation, .ping, items: 0..<0, deadline, keyLengths: EmptyCollection()) { _ in }
        operation.submitted()
    }

    /// Removes every entry whose key begins with `prefix`. It needs `PluginCapabilities.flush`. `completion` is called
    /// once, possibly before this returns, with the number of removed entries.
    public func flush(
        prefix: String,
        deadline: NIODeadline,
        completion: @escaping (Result<UInt64, OperationFailure>) -> Void
    ) {
        let operation = WriteOperation(count: 1) { outcomes, removed in
            completion(Self.failure(outcomes).map { .failure($0) } ?? .success(removed))
        }
        submit(operation, .flush, items: 0..<1, deadline, keyLengths: CollectionOfOne(prefix.utf8.count)) {
            $0.setKeys(CollectionOfOne(prefix))
        }
        operation.submitted()
    }

    // MARK: Reused memory

    private func newLookup(count: Int) -> PluginLookup {
        // A caller that still holds a released look-up must not see another's values in it.
        if var spare = spareLookups.popLast(), isKnownUniquelyReferenced(&spare) {
            spare.begin(count: count)
            return spare
        }
        let lookup = PluginLookup(port: self)
        lookup.begin(count: count)
        return lookup
    }

    func keep(_ lookup: PluginLookup) {
        if spareLookups.count < Self.mostSpareLookups { spareLookups.append(lookup) }
    }

    // MARK: Closing

    /// Refuses new operations from now on. `whenSettled` is called once every operation has ended or its deadline has
    /// passed, and `whenIdle` once every operation has ended and is released.
    func close(whenSettled: @escaping () -> Void, whenIdle: @escaping () -> Void) {
        isClosed = true
        self.whenSettled = whenSettled
        self.whenIdle = whenIdle
        settle()
    }

    /// Notices after `close` that nothing is waited for, and that nothing is left.
    func settle() {
        guard isClosed else { return }
        if blocksInUse == unowned { whenSettled.take()?() }
        if blocksInUse == 0 { whenIdle.take()?() }
    }

    /// Whether the plugin stores a value of `size` bytes.
    private func fits(_ size: Int) -> Bool {
        instance.limits.valueBytes.map { size <= $0 } ?? true
    }

    private static func failure(_ outcomes: [WriteOutcome]) -> OperationFailure? {
        if case .failure(let failure)? = outcomes.first { failure } else { nil }
    }
}
