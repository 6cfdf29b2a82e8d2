/// The bytes of the memory budget that one owner holds: given back by `release()`, and at the latest when the owner ends.
///
/// Changed on the loop of its account only; it may end on any thread.
struct Reservation: ~Copyable {
    private let account: MemoryAccount
    /// Bytes held at present.
    private(set) var bytes = 0

    init(_ account: MemoryAccount) {
        self.account = account
    }

    deinit {
        if bytes != 0 { account.budget.giveBack(bytes) }
    }

    /// Holds so many bytes more. False, and nothing changes, where the budget does not allow it.
    mutating func grow(by more: Int, for purpose: MemoryBudget.Purpose = .request) -> Bool {
        guard account.reserve(more, for: purpose) else { return false }
        bytes += more
        return true
    }

    /// Holds so many bytes more whether or not the budget allows it: they are in memory already.
    mutating func charge(_ more: Int) {
        account.charge(more)
        bytes += more
    }

    /// Holds so many bytes, whether or not the budget allows it.
    mutating func resize(to size: Int) {
        if size > bytes {
            account.charge(size - bytes)
        } else {
            account.release(bytes - size)
        }
        bytes = size
    }

    /// Gives everything back. Harmless where nothing is held.
    mutating func release() {
        guard bytes != 0 else { return }
        account.release(bytes)
        bytes = 0
    }

    /// Leaves what is held to somebody else, who gives it back to the budget.
    mutating func handOver() -> Int {
        defer { bytes = 0 }
        return bytes
    }
}
