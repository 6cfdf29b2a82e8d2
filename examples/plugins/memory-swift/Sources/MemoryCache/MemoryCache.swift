// SPDX-License-Identifier: Apache-2.0
import PluginAPI
import PluginKit
import Synchronization

/// A cache plugin in Swift that keeps a bounded number of answers in memory. `type: memory-swift` loads it.
final class MemoryCache: CachePlugin {
    private struct Entry {
        let value: StoredValue
        let end: UInt64
    }

    private let host: Host
    private let most: Int
    private let leases = ValueLeases()
    /// The host makes one call at a time, because the description says `.serial`, so that nobody waits for the lock.
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        self.host = host
        most = Int(try parameters.int("entries") ?? 1)
    }

    func get(_ operation: GetOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            let key = Array(operation.key(index))
            guard let entry = entries.withLock({ $0[key] }) else { continue }
            if entry.end > now { leases.lend(entry.value, to: operation, at: index) } else { remove(key) }
        }
        return .done
    }

    func set(_ operation: SetOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            guard let item = operation.item(index), let value = StoredValue(item) else {
                operation.set(index, .tooLarge)
                continue
            }
            let (life, overflow) = item.ttlMilliseconds.multipliedReportingOverflow(by: 1_000_000)
            let (end, beyond) = now.addingReportingOverflow(life)
            let entry = Entry(value: value, end: item.ttlMilliseconds == 0 || overflow || beyond ? .max : end)
            entries.withLock { entries in
                let key = Array(item.key)
                if entries[key] == nil, entries.count >= most, let any = entries.keys.first { entries[any] = nil }
                entries[key] = entry
            }
        }
        return .done
    }

    func delete(_ operation: DeleteOperation) -> OperationProgress {
        for index in 0..<operation.count where !remove(Array(operation.key(index))) { operation.set(index, .miss) }
        return .done
    }

    func release(_ leases: Leases) { self.leases.takeBack(leases) }

    func shutdown(_ operation: PlainOperation) -> OperationProgress { leases.shutDown(operation) }

    /// - Returns: whether there was an entry.
    @discardableResult
    private func remove(_ key: [UInt8]) -> Bool { entries.withLock { $0.removeValue(forKey: key) } != nil }
}
