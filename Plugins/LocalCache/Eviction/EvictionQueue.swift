/// A first-in, first-out queue of entries, which are linked through themselves.
struct EvictionQueue {
    private(set) var newest: Entry?
    private(set) var oldest: Entry?
    private(set) var count = 0
    private(set) var bytes = 0

    mutating func push(_ entry: Entry) {
        entry.header.pointee.newer = nil
        entry.header.pointee.older = newest
        if let newest { newest.header.pointee.newer = entry } else { oldest = entry }
        newest = entry
        count += 1
        bytes += entry.charge
    }

    mutating func remove(_ entry: Entry) {
        let newer = entry.header.pointee.newer
        let older = entry.header.pointee.older
        if let newer { newer.header.pointee.older = older } else { newest = older }
        if let older { older.header.pointee.newer = newer } else { oldest = newer }
        count -= 1
        bytes -= entry.charge
    }

    /// Whether there is an entry other than this one.
    func hasOther(than entry: Entry?) -> Bool { count > 1 || (count == 1 && oldest != entry) }
}
