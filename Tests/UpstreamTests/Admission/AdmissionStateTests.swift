import Testing

@testable import Upstream

@Suite("The admission of calls")
struct AdmissionStateTests {
    /// A reference, since `#expect` changes no values.
    private final class State {
        private var state: AdmissionState

        init(_ limits: [[Int]], queue: Int = 10, total: Int? = nil) {
            state = AdmissionState(
                groups: limits.map { AdmissionState.Group(limits: $0, queueLimit: queue) },
                totalLimit: total
            )
        }

        var callsUnderWay: Int { state.callsUnderWay }
        var callsWaiting: Int { state.callsWaiting }

        func take(_ deployment: Int, of group: Int) -> Bool { state.take(deployment, of: group) }
        func wait(for deployments: [Int], of group: Int) -> AdmissionState.Entry {
            state.wait(for: deployments, of: group)
        }
        func giveUp(_ ticket: AdmissionState.Ticket, of group: Int) -> Bool { state.giveUp(ticket, of: group) }
        func leave(_ deployment: Int, of group: Int) -> AdmissionState.Grant? { state.leave(deployment, of: group) }
    }

    /// The ticket of a call that waits.
    private func ticket(_ entry: AdmissionState.Entry) -> AdmissionState.Ticket? {
        if case .queued(let ticket) = entry { ticket } else { nil }
    }

    @Test("lets as many calls begin as a deployment takes, and another as soon as one has ended")
    func limit() {
        let state = State([[2]])
        #expect(state.take(0, of: 0) && state.take(0, of: 0))
        #expect(!state.take(0, of: 0))
        #expect(state.callsUnderWay == 2)
        #expect(state.leave(0, of: 0) == nil)
        #expect(state.take(0, of: 0))
    }

    @Test("gives a place that becomes free to whoever has waited longest, and to nobody who comes later")
    func queue() {
        let state = State([[1]])
        #expect(state.take(0, of: 0))
        let first = ticket(state.wait(for: [0], of: 0))
        let second = ticket(state.wait(for: [0], of: 0))
        #expect(state.callsWaiting == 2)
        #expect(state.leave(0, of: 0)?.ticket == first)
        #expect(!state.take(0, of: 0))
        #expect(state.leave(0, of: 0)?.ticket == second)
        #expect(state.leave(0, of: 0) == nil)
        #expect(state.callsUnderWay == 0 && state.callsWaiting == 0)
    }

    @Test("refuses whoever finds the queue full")
    func refused() {
        let state = State([[1]], queue: 2)
        #expect(state.take(0, of: 0))
        #expect(ticket(state.wait(for: [0], of: 0)) != nil && ticket(state.wait(for: [0], of: 0)) != nil)
        #expect(state.wait(for: [0], of: 0) == .refused)
        #expect(state.callsWaiting == 2)
    }

    @Test("passes over calls that have left the queue, and lets none leave whose turn has come")
    func givingUp() {
        let state = State([[1]])
        #expect(state.take(0, of: 0))
        let tickets = (0..<3).compactMap { _ in ticket(state.wait(for: [0], of: 0)) }
        #expect(state.giveUp(tickets[0], of: 0))
        #expect(!state.giveUp(tickets[0], of: 0))
        #expect(state.leave(0, of: 0)?.ticket == tickets[1])
        #expect(!state.giveUp(tickets[1], of: 0), "its turn has come")
        #expect(state.giveUp(tickets[2], of: 0))
        #expect(state.leave(0, of: 0) == nil)
    }

    @Test("begins a call at once where a place became free after it was found full")
    func race() {
        let state = State([[1, 1]])
        #expect(state.take(0, of: 0) && state.take(1, of: 0))
        #expect(state.leave(1, of: 0) == nil)
        #expect(state.wait(for: [0, 1], of: 0) == .granted(deployment: 1))
    }

    @Test("does not give a call to a deployment that it would not go to")
    func unwanted() {
        let state = State([[1, 1]])
        #expect(state.take(0, of: 0))
        #expect(ticket(state.wait(for: [0], of: 0)) != nil)
        #expect(state.callsUnderWay == 1)
    }

    @Test("keeps the groups apart, where only their own limits hold")
    func groups() {
        let state = State([[1], [1]])
        #expect(state.take(0, of: 0))
        #expect(ticket(state.wait(for: [0], of: 0)) != nil)
        #expect(state.take(0, of: 1))
        #expect(state.leave(0, of: 1) == nil)
    }

    @Test("counts all calls together, and gives a place to whoever has waited longest of all")
    func total() {
        let state = State([[5], [5]], total: 2)
        #expect(state.take(0, of: 0) && state.take(0, of: 1))
        #expect(!state.take(0, of: 0))
        let first = ticket(state.wait(for: [0], of: 1))
        let second = ticket(state.wait(for: [0], of: 0))
        #expect(state.leave(0, of: 0) == .init(ticket: first ?? 0, deployment: 0))
        #expect(state.leave(0, of: 0) == nil, "that place was given to the other group")
        #expect(state.leave(0, of: 1)?.ticket == second)
        #expect(state.callsUnderWay == 2)
    }

    @Test("keeps every place taken under three times the load, in bounded memory")
    func overload() {
        let slots = 10
        let state = State([[slots]], queue: slots)
        var underWay = 0
        var answered = 0
        var refused = 0
        for round in 0..<1_000 {
            // Three times as many calls arrive as the model answers in a round.
            for _ in 0..<3 * slots {
                if state.take(0, of: 0) {
                    underWay += 1
                } else if state.wait(for: [0], of: 0) == .refused {
                    refused += 1
                }
            }
            #expect(underWay == slots && state.callsWaiting == slots, "round \(round)")
            answered += underWay
            for _ in 0..<underWay where state.leave(0, of: 0) == nil { underWay -= 1 }
        }
        #expect(answered == 1_000 * slots)
        #expect(refused == 1_000 * 2 * slots - slots)
    }
}
