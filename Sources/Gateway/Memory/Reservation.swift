/// The bytes of the memory budget that one owner holds. They are given back by `release()`, and at the latest when the
/// owner ends.
///
/// It is changed on the loop of its account only, but may end on any thread.
struct Reservation: ~Copyable {
    private let account: MemoryAccount
    /// How many bytes are currently held.
    private(set) var bytes = 0

    init(_ account: MemoryAccount) {
        self.account = account
    }

    deinit {
        if bytes != 0 { account.budget.giveBack(bytes) }
    }

    /// Holds `more` bytes more. It returns false and changes nothing where the budget does not allow it.
    mutating func grow(by more: Int, for purpose: MemoryBudget.Purpose = .request) -> Bool {
        guard account.reserve(more, for: purpose) else { return false }
        bytes += more
        return true
    }

    /// Holds `more` bytes more whether or not the budget allows it, because they are in memory already.
    mutating func charge(_ more: Int) {
        account.charge(more)
        bytes += more
    }

    /// Holds bytes that were taken from the budget by somebody who does not hold them any more.
    mutating func adopt(_ taken: Int) { bytes += taken }

    /// Holds `size` bytes, whether or not the budget allows it.
    mutating func resize(to size: Int) {
        if size > bytes {
            account.charge(size - bytes)
        } else {
            account.release(bytes - size)
        }
        bytes = size
    }

    /// Gives everything back. It does nothing where nothing is held.
    mutating func release() {
        guard bytes != 0 else { return }
        account.release(bytes)
        bytes = 0
    }

    /// Hands the held bytes over to another owner, who gives them back to the budget.
    mutating func handOver() -> Int {
        defer { bytes = 0 }
        return bytes
    }
}
