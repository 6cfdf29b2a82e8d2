import Synchronization

/// One event loop's part of the memory budget: a number that only its loop changes, and that other threads may read.
///
/// Bytes may be given back to another account than they were taken from, or to the budget itself, since only the sum
/// counts.
final class MemoryAccount: Sendable {
    /// How many bytes are taken from the budget at a time. At most twice as many are kept here unspent.
    static let step = 1 << 20

    let budget: MemoryBudget
    /// It is written by the loop alone, so that loads and stores suffice.
    private let free = Atomic<Int>(0)

    init(_ budget: MemoryBudget) {
        self.budget = budget
    }

    /// [any thread] How many bytes were taken from the budget and are not held.
    var unspent: Int { free.load(ordering: .relaxed) }

    /// [on the loop] Holds `bytes` more. It returns false and changes nothing where the budget does not allow it.
    func reserve(_ bytes: Int, for purpose: MemoryBudget.Purpose = .request) -> Bool {
        let left = free.load(ordering: .relaxed) - bytes
        guard left < 0 else {
            free.store(left, ordering: .relaxed)
            return true
        }
        return refill(-left, for: purpose)
    }

    /// [on the loop] Holds `bytes` more whether or not the budget allows it, because they are in memory already.
    func charge(_ bytes: Int) {
        let left = free.load(ordering: .relaxed) - bytes
        if left < 0, !refill(-left, for: .request) {
            budget.takeRegardless(-left)
            free.store(0, ordering: .relaxed)
        } else if left >= 0 {
            free.store(left, ordering: .relaxed)
        }
    }

    /// [on the loop] Whether `bytes` more could be held.
    func hasRoom(for bytes: Int) -> Bool {
        guard reserve(bytes) else { return false }
        release(bytes)
        return true
    }

    /// [on the loop] Holds `bytes` less.
    func release(_ bytes: Int) {
        let left = free.load(ordering: .relaxed) + bytes
        guard left > 2 * Self.step else { return free.store(left, ordering: .relaxed) }
        budget.giveBack(left - Self.step)
        free.store(Self.step, ordering: .relaxed)
    }

    /// Takes what is missing and one step more, or near the limit only what is missing.
    @inline(never)
    private func refill(_ missing: Int, for purpose: MemoryBudget.Purpose) -> Bool {
        if budget.take(missing + Self.step, for: purpose) {
            free.store(Self.step, ordering: .relaxed)
        } else if budget.take(missing, for: purpose) {
            free.store(0, ordering: .relaxed)
        } else {
            return false
        }
        return true
    }
}
