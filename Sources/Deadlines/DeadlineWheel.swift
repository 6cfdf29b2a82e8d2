/// A hashed timing wheel: arms and disarms deadlines in constant time, to the precision of its tick.
///
/// It has no clock: the caller gives the time, in nanoseconds of any monotonic clock. No deadline expires early, and
/// each expires at most one tick late.
struct DeadlineWheel {
    /// Names an armed deadline. Once the deadline has expired or was disarmed, disarming it does nothing.
    struct Token: Hashable {
        fileprivate var slot: Int32
        fileprivate var generation: UInt32
    }

    private struct Entry {
        var tick: Int64 = 0
        var payload: UInt64 = 0
        var generation: UInt32 = 0
        var next: Int32 = none
        var previous: Int32 = none
        var isArmed = false
    }

    private static let none: Int32 = -1

    /// The wheel's precision.
    let tickNanoseconds: Int64

    /// How many deadlines are armed.
    private(set) var count = 0

    private var entries: [Entry] = []
    private var free: [Int32] = []
    private var heads: [Int32]
    private var currentTick: Int64

    /// - Parameter slots: how many ticks one turn of the wheel has. Deadlines that are further away wait for several
    ///   turns.
    init(tickNanoseconds: Int64, slots: Int = 512, now: Int64) {
        self.tickNanoseconds = max(1, tickNanoseconds)
        self.heads = Array(repeating: Self.none, count: max(1, slots))
        self.currentTick = now / max(1, tickNanoseconds)
    }

    /// Arms a deadline that hands `payload` back when it expires.
    mutating func arm(at deadline: Int64, payload: UInt64) -> Token {
        let (quotient, remainder) = deadline.quotientAndRemainder(dividingBy: tickNanoseconds)
        let tick = max(remainder > 0 ? quotient + 1 : quotient, currentTick + 1)
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = Int32(truncatingIfNeeded: entries.count)
            entries.append(Entry())
        }
        entries[Int(slot)].tick = tick
        entries[Int(slot)].payload = payload
        entries[Int(slot)].isArmed = true
        link(slot)
        count += 1
        return Token(slot: slot, generation: entries[Int(slot)].generation)
    }

    /// Disarms a deadline.
    ///
    /// - Returns: false if it was no longer armed.
    @discardableResult
    mutating func disarm(_ token: Token) -> Bool {
        let index = Int(token.slot)
        guard entries.indices.contains(index), entries[index].isArmed, entries[index].generation == token.generation
        else { return false }
        unlink(token.slot)
        retire(token.slot)
        return true
    }

    /// Advances the time and appends the payloads of expired deadlines to `expired`, tick by tick.
    mutating func advance(to now: Int64, expired: inout [UInt64]) {
        let target = now / tickNanoseconds
        guard target > currentTick else { return }
        // After a long pause, one turn over all slots finds everything.
        let first = max(currentTick + 1, target - Int64(heads.count) + 1)
        for tick in first...target {
            var slot = heads[index(of: tick)]
            while slot != Self.none {
                let next = entries[Int(slot)].next
                if entries[Int(slot)].tick <= target {
                    expired.append(entries[Int(slot)].payload)
                    unlink(slot)
                    retire(slot)
                }
                slot = next
            }
        }
        currentTick = target
    }

    /// When the wheel must be advanced next, in nanoseconds of the caller's clock. It is nil while nothing is armed.
    ///
    /// This is the tick of the next deadline, or the end of this turn of the wheel if no deadline is due before that.
    var nextLook: Int64? {
        guard count > 0 else { return nil }
        let turn = currentTick + Int64(heads.count)
        for tick in (currentTick + 1)..<turn {
            var slot = heads[index(of: tick)]
            while slot != Self.none {
                if entries[Int(slot)].tick <= tick { return tick * tickNanoseconds }
                slot = entries[Int(slot)].next
            }
        }
        return turn * tickNanoseconds
    }

    private func index(of tick: Int64) -> Int {
        Int(tick % Int64(heads.count))
    }

    private mutating func link(_ slot: Int32) {
        let head = index(of: entries[Int(slot)].tick)
        let next = heads[head]
        entries[Int(slot)].next = next
        entries[Int(slot)].previous = Self.none
        if next != Self.none { entries[Int(next)].previous = slot }
        heads[head] = slot
    }

    private mutating func unlink(_ slot: Int32) {
        let entry = entries[Int(slot)]
        if entry.previous == Self.none {
            heads[index(of: entry.tick)] = entry.next
        } else {
            entries[Int(entry.previous)].next = entry.next
        }
        if entry.next != Self.none { entries[Int(entry.next)].previous = entry.previous }
    }

    private mutating func retire(_ slot: Int32) {
        entries[Int(slot)].isArmed = false
        entries[Int(slot)].generation &+= 1
        count -= 1
        free.append(slot)
    }
}
