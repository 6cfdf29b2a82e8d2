/// Finds entries by hash and key, with open addressing and linear probing, 16 bytes a slot, three eighths to three
/// quarters full. Removal closes the gap, so there are no tombstones.
///
/// A slot's home is given by the top bits of its hash, so that the order of homes does not change when the table is
/// resized: a walk in hash order can be interrupted and resumed (`Shard.flush`).
struct Index: ~Copyable {
    struct Slot {
        var hash: UInt32 = 0
        /// The whole second by which the entry is certainly expired, where 0 means never. It lets a sweep pass without
        /// reading the entry.
        var expiresBy: UInt32 = 0
        var entry: Entry?
    }

    static let leastCapacity = 8

    private(set) var capacity = Index.leastCapacity
    private(set) var count = 0
    private var slots: UnsafeMutablePointer<Slot>
    private var shift: UInt32 = 29

    init() { slots = Self.table(Self.leastCapacity) }

    deinit { slots.deallocate() }

    /// The memory of the table in bytes.
    var bytes: Int { allocatedSize(capacity * MemoryLayout<Slot>.stride) }

    subscript(position: Int) -> Slot { slots[position & (capacity - 1)] }

    func home(_ hash: UInt32) -> Int { Int(hash >> shift) }

    /// The least hash whose home is at a position.
    func hash(atHome position: Int) -> UInt32 { UInt32(truncatingIfNeeded: position) << shift }

    func find(_ hash: UInt32, _ key: UnsafeRawBufferPointer) -> Int? {
        var position = home(hash)
        while let entry = slots[position].entry {
            if slots[position].hash == hash, entry.hasKey(key) { return position }
            position = (position + 1) & (capacity - 1)
        }
        return nil
    }

    func find(_ wanted: Entry) -> Int? {
        var position = home(wanted.header.pointee.hash)
        while let entry = slots[position].entry {
            if entry == wanted { return position }
            position = (position + 1) & (capacity - 1)
        }
        return nil
    }

    /// Adds an entry whose key is not in the table.
    /// - Returns: whether the table was resized.
    mutating func insert(_ entry: Entry) -> Bool {
        let isFull = (count + 1) * 4 > capacity * 3
        if isFull { resize(to: capacity * 2) }
        place(Self.slot(entry))
        count += 1
        return isFull
    }

    mutating func replace(at position: Int, with entry: Entry) { slots[position] = Self.slot(entry) }

    /// Empties a slot and moves the following entries back towards their homes, possibly into this slot.
    mutating func remove(at position: Int) {
        let mask = capacity - 1
        var gap = position & mask
        var next = (gap + 1) & mask
        while slots[next].entry != nil {
            let distanceFromHome = (next &- home(slots[next].hash)) & mask
            if distanceFromHome >= (next &- gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        slots[gap] = Slot()
        count -= 1
    }

    /// Halves the table if it is less than an eighth full.
    /// - Returns: whether the table was resized.
    mutating func shrinkIfSparse() -> Bool {
        guard capacity > Self.leastCapacity, count * 8 < capacity else { return false }
        resize(to: capacity / 2)
        return true
    }

    private mutating func resize(to newCapacity: Int) {
        let old = slots
        let oldCapacity = capacity
        slots = Self.table(newCapacity)
        capacity = newCapacity
        shift = 32 - UInt32(newCapacity.trailingZeroBitCount)
        for position in 0..<oldCapacity where old[position].entry != nil { place(old[position]) }
        old.deallocate()
    }

    private mutating func place(_ slot: Slot) {
        var position = home(slot.hash)
        while slots[position].entry != nil { position = (position + 1) & (capacity - 1) }
        slots[position] = slot
    }

    private static func slot(_ entry: Entry) -> Slot {
        let expiresAt = entry.header.pointee.expiresAt
        let seconds = expiresAt == .max ? 0 : UInt32(clamping: expiresAt / 1_000_000_000 + 1)
        return Slot(hash: entry.header.pointee.hash, expiresBy: seconds, entry: entry)
    }

    private static func table(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        return slots
    }
}
