import PluginKit
import Synchronization

/// `cache_params.type: local`: keeps entries in the memory of the gateway's process.
final class LocalCache: CachePlugin {
    let store: Store
    private let host: Host
    /// The shutdown that waits for the last lease.
    private let waiting = Mutex<Completion?>(nil)
    private let isShutDown = Atomic<Bool>(false)

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        self.host = host
        let limits = try StoreLimits(parameters)
        if limits.maxItemSize > limits.maxSize {
            host.log(.info, "max_item_size exceeds max_size: items are bounded by max_size")
        }
        store = Store(limits: limits)
    }

    /// Refuses an item size beyond the whole size where it was configured. The default is limited without an error.
    static func validate(_ parameters: Parameters) throws(PluginFailure) {
        let limits = try StoreLimits(parameters)
        guard limits.maxItemSize > limits.maxSize, try parameters.source("max_item_size") != .defaultValue else {
            return
        }
        throw PluginFailure(
            .badConfiguration,
            "max_item_size is above max_size, so no item of that size could be stored; lower it, or raise max_size"
        )
    }

    func get(_ operation: GetOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            guard let entry = store.get(operation.key(index), now: now) else { continue }
            operation.hit(index, entry.value, Lease(entry.address))
        }
        return .done
    }

    func set(_ operation: SetOperation) -> OperationProgress {
        guard !isShutDown.load(ordering: .relaxed) else { return .rejected(.cancelled) }
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            guard let item = operation.item(index) else { return .rejected(.invalid) }
            operation.set(index, set(item, now))
        }
        return .done
    }

    private func set(_ item: SetItem, _ now: UInt64) -> Status {
        guard item.key.count <= Int(description.maxKey) else { return .invalid }
        guard let count = item.valueCount else { return .tooLarge }
        let result = store.set(
            item.key,
            count: count,
            expiresAt: Lifetime.end(item.ttlMilliseconds, now),
            now: now,
            fill: { item.copyValue(to: $0) }
        )
        switch result {
        case .stored: return .ok
        case .tooLarge: return .tooLarge
        case .outOfMemory: return .full
        }
    }

    func delete(_ operation: DeleteOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count where !store.remove(operation.key(index), now: now) {
            operation.set(index, .miss)
        }
        return .done
    }

    func flush(_ operation: FlushOperation) -> OperationProgress {
        guard !operation.prefix.isEmpty else { return operation.reject(.invalid, "the prefix of a flush is empty") }
        operation.report(removed: store.flush(operation.prefix))
        return .done
    }

    func release(_ leases: Leases) {
        var wasLast = false
        for lease in leases {
            guard let entry = Entry(lease.pointer) else { continue }
            if store.release(entry) { wasLast = true }
        }
        if wasLast, isShutDown.load(ordering: .acquiring) { finishShutdown() }
    }

    func report(_ statistics: StatisticsReport) {
        let figures = store.statistics
        statistics.gauge("items", figures.items)
        statistics.gauge("bytes", figures.bytes)
        statistics.gauge("leased_bytes", figures.leasedBytes)
        statistics.counter("hits", figures.hits)
        statistics.counter("misses", figures.misses)
        statistics.counter("evictions", figures.evictions)
        statistics.counter("expirations", figures.expirations)
        statistics.counter("rejections", figures.rejections)
    }

    func shutdown(_ operation: PlainOperation) -> OperationProgress {
        isShutDown.store(true, ordering: .releasing)
        store.removeAll()
        if store.hasNoLeases { return .done }
        waiting.withLock { $0 = operation.completeLater() }
        // The last lease may have been given back in between.
        if store.hasNoLeases { finishShutdown() }
        return .pending
    }

    private func finishShutdown() {
        waiting.withLock { $0.take() }?.finish()
    }
}
