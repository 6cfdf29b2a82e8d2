import Synchronization

/// The bytes that the gateway may hold for current requests and answers, with one limit for the whole process.
///
/// Each event loop has a `MemoryAccount`, which takes bytes from here in large steps and counts them by itself.
final class MemoryBudget: Sendable {
    /// What the bytes are for.
    enum Purpose {
        /// A request to be read, or an answer that a client waits for.
        case request
        /// A copy that is kept to be stored. It stops at three quarters of the limit, so that recordings, which no
        /// answer needs, never leave requests without memory.
        case recording
    }

    private let most: Atomic<Int>
    /// How many bytes the accounts have taken. Those that they have not spent are still free.
    private let taken = Atomic<Int>(0)
    private let accounts = Mutex<[MemoryAccount]>([])

    init(limit: Int) {
        most = Atomic(max(0, limit))
    }

    /// [any thread] How many bytes may be held. A lower limit takes back nothing that is held.
    var limit: Int {
        get { most.load(ordering: .relaxed) }
        set { most.store(max(0, newValue), ordering: .relaxed) }
    }

    /// [any thread] Opens the account of an event loop.
    func makeAccount() -> MemoryAccount {
        let account = MemoryAccount(self)
        accounts.withLock { $0.append(account) }
        return account
    }

    /// [any thread] How many bytes are currently held. It is exact while nothing changes.
    var held: Int {
        accounts.withLock { accounts in
            accounts.reduce(taken.load(ordering: .relaxed)) { $0 - $1.unspent }
        }
    }

    /// [any thread] Takes bytes, unless that would exceed the limit.
    func take(_ bytes: Int, for purpose: Purpose) -> Bool {
        let limit = purpose == .request ? limit : limit - limit / 4
        var current = taken.load(ordering: .relaxed)
        while true {
            guard bytes <= limit - current else { return false }
            let (isDone, found) = taken.weakCompareExchange(
                expected: current,
                desired: current + bytes,
                ordering: .relaxed
            )
            if isDone { return true }
            current = found
        }
    }

    /// [any thread] Takes bytes that are held already, whether or not the limit allows it.
    func takeRegardless(_ bytes: Int) {
        taken.wrappingAdd(bytes, ordering: .relaxed)
    }

    /// [any thread] Gives back bytes that were taken, by whichever account.
    func giveBack(_ bytes: Int) {
        taken.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
