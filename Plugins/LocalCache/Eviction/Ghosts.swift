/// Remembers the fingerprints of entries that were recently evicted before they were requested twice. A key that comes
/// back while it is remembered was evicted too early.
///
/// It is a four-way set-associative table of fingerprints and times of eviction, of eight bytes each. Forgetting early
/// or, once in four billion, remembering wrongly costs only a place in the queue.
struct Ghosts: ~Copyable {
    private static let ways = 4

    private var slots: UnsafeMutablePointer<UInt64>
    private(set) var capacity: Int
    private var deaths: UInt32 = 0

    /// - Parameter capacity: a power of two, which is at least 4.
    init(capacity: Int) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
    }

    deinit { slots.deallocate() }

    /// The memory of the table in bytes.
    var bytes: Int { allocatedSize(capacity * MemoryLayout<UInt64>.stride) }

    mutating func remember(_ fingerprint: UInt32) {
        deaths &+= 1
        place(fingerprint, deaths)
    }

    /// Whether the fingerprint is among the last `window` remembered ones. It is forgotten afterwards.
    mutating func recall(_ fingerprint: UInt32, window: Int) -> Bool {
        let start = set(of: fingerprint)
        for slot in start..<start + Self.ways where slots[slot] != 0 && slots[slot] >> 32 == UInt64(fingerprint) {
            let age = deaths &- UInt32(truncatingIfNeeded: slots[slot])
            slots[slot] = 0
            return Int(age) < window
        }
        return false
    }

    mutating func resize(to capacity: Int) {
        var bigger = Ghosts(capacity: capacity)
        bigger.deaths = deaths
        for slot in 0..<self.capacity where slots[slot] != 0 {
            bigger.place(UInt32(slots[slot] >> 32), UInt32(truncatingIfNeeded: slots[slot]))
        }
        self = bigger
    }

    private func set(of fingerprint: UInt32) -> Int {
        (Int(fingerprint) &* Self.ways) & (capacity - 1)
    }

    /// Replaces the fingerprint in the set that was evicted first.
    private mutating func place(_ fingerprint: UInt32, _ death: UInt32) {
        let start = set(of: fingerprint)
        var target = start
        var greatestAge: UInt32 = 0
        for slot in start..<start + Self.ways {
            if slots[slot] == 0 {
                target = slot
                break
            }
            let age = deaths &- UInt32(truncatingIfNeeded: slots[slot])
            if age >= greatestAge { (target, greatestAge) = (slot, age) }
        }
        slots[target] = UInt64(fingerprint) << 32 | UInt64(death)
    }
}
