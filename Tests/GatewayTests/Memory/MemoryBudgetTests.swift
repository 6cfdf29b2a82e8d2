import Testing

@testable import Gateway

@Suite("The memory budget")
struct MemoryBudgetTests {
    private let budget = MemoryBudget(limit: 64 << 20)

    @Test("counts to the byte what its accounts hold, however small the pieces")
    func exact() {
        let (one, other) = (budget.makeAccount(), budget.makeAccount())
        #expect(budget.held == 0)
        for _ in 0..<1_000 { #expect(one.reserve(7)) }
        #expect(other.reserve(3))
        #expect(budget.held == 7_003)
        // Bytes may be given back to another account than they were taken from.
        other.release(7_000)
        one.release(3)
        #expect(budget.held == 0)
    }

    @Test("refuses what would exceed the limit, changes nothing by that, and grants it once there is room")
    func limit() {
        let account = budget.makeAccount()
        #expect(account.reserve(64 << 20))
        #expect(!account.reserve(1))
        #expect(budget.held == 64 << 20)
        account.release(1)
        #expect(account.reserve(1))
        #expect(!account.reserve(1))
        account.release(64 << 20)
        #expect(budget.held == 0)
    }

    @Test("hands what one account does not need to another, but for two steps")
    func sharing() {
        let (one, other) = (budget.makeAccount(), budget.makeAccount())
        #expect(one.reserve(60 << 20))
        one.release(60 << 20)
        #expect(one.unspent <= 2 * MemoryAccount.step)
        #expect(other.reserve(62 << 20))
    }

    @Test("keeps the last quarter for requests: recordings stop before it")
    func recordings() {
        let account = budget.makeAccount()
        #expect(account.reserve(48 << 20, for: .recording))
        #expect(!account.reserve(2 << 20, for: .recording))
        #expect(account.reserve(16 << 20, for: .request))
        #expect(!account.reserve(1, for: .request))
    }

    @Test("counts what is in memory already even beyond the limit, so that nothing new is let in")
    func charging() {
        let account = budget.makeAccount()
        account.charge(65 << 20)
        #expect(budget.held == 65 << 20)
        #expect(!account.hasRoom(for: 1))
        account.release(2 << 20)
        #expect(account.hasRoom(for: 1 << 20))
    }

    @Test("gets a reservation back once, by its release or by its end, whichever comes first")
    func reservations() {
        let account = budget.makeAccount()
        do {
            var reservation = Reservation(account)
            let isGranted = reservation.grow(by: 5_000)
            #expect(isGranted)
            reservation.charge(500)
            reservation.resize(to: 4_000)
            #expect(budget.held == 4_000)
            reservation.release()
            reservation.release()
            #expect(budget.held == 0)
            let isGrantedAgain = reservation.grow(by: 6_000)
            #expect(isGrantedAgain && budget.held == 6_000)
        }
        #expect(budget.held == 0)
    }

    @Test("gets what a leader left to a flight back when the flight ends")
    func flights() {
        let account = budget.makeAccount()
        var reservation = Reservation(account)
        let isGranted = reservation.grow(by: 3 << 20)
        let left = reservation.handOver()
        let rest = reservation.bytes
        reservation.release()
        #expect(isGranted && rest == 0 && budget.held == 3 << 20)
        budget.giveBack(left)
        #expect(budget.held == 0)
    }

    @Test("stays exact while many loops take and give back at once")
    func concurrent() async {
        let budget = budget
        await withTaskGroup(of: Void.self) { group in
            for loop in 1...8 {
                group.addTask {
                    let account = budget.makeAccount()
                    for round in 0..<2_000 {
                        let size = (round * 7_919 * loop) % (3 << 20)
                        if account.reserve(size) { account.release(size) }
                    }
                }
            }
        }
        #expect(budget.held == 0)
    }
}
