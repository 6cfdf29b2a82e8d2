import Configuration
import ResponseCache
import Synchronization

/// Which deployments made the objects that providers keep, such as responses, conversations and files. An object is only
/// where it was made, so that whatever names it has to go there.
///
/// It is bounded: of more ids than it takes, the newest are known. It is shared by all event loops, and knows only what
/// this process has seen.
final class IssuedIDs: Sendable {
    /// Where an object was made.
    struct Origin: Sendable {
        /// The name of the model that was requested.
        let model: String
        /// The account of the deployment.
        let account: String
        /// The tenant whose request made it, as it is part of the keys of its cached answers.
        var tenant = KeySettings.masterName
        /// The key of the entry that holds the object. It is nil where none was stored.
        var entry: CacheKey?
    }

    private struct Table {
        var origins: [[UInt8]: Origin] = [:]
        /// The ids in the order of their arrival, in a ring.
        var order: [[UInt8]] = []
        var oldest = 0
    }

    private let capacity: Int
    private let table = Mutex(Table())

    /// - Parameter capacity: how many ids are known at most.
    init(capacity: Int = 65_536) {
        self.capacity = max(1, capacity)
    }

    /// Notes where an object was made. The last origin of an id counts, but an object stays with its tenant: a model that
    /// makes up ids of others takes nothing away.
    ///
    /// - Returns: whether it was noted.
    @discardableResult
    func note(_ id: [UInt8], _ origin: Origin) -> Bool {
        table.withLock { table in
            if let known = table.origins[id], !known.tenant.utf8.elementsEqual(origin.tenant.utf8) { return false }
            guard table.origins.updateValue(origin, forKey: id) == nil else { return true }
            guard table.order.count >= capacity else {
                table.order.append(id)
                return true
            }
            table.origins[table.order[table.oldest]] = nil
            table.order[table.oldest] = id
            table.oldest = (table.oldest + 1) % capacity
            return true
        }
    }

    /// Returns where the object with that id was made. It is nil where that is not known.
    func origin(of id: some Collection<UInt8>) -> Origin? {
        guard id.count <= IDSighting.longestID else { return nil }
        let id = Array(id)
        return table.withLock { $0.origins[id] }
    }
}
