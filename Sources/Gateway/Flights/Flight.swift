import NIOCore
import ResponseCache
import Synchronization
import Upstream

/// One call to a model, and all the requests that wait for its answer: whoever led, and whoever asked the same meanwhile, on
/// whatever event loop.
///
/// The answer is in memory once. Each rider reads at its own pace; none of them slows another. The leader tells what arrives,
/// on its loop; riders are woken on theirs, within the same turn where the two are one.
final class Flight: Sendable {
    typealias RiderID = FlightState.RiderID

    /// Somebody who waits for the answer.
    struct Rider: Sendable {
        let eventLoop: any EventLoop
        let wake: @Sendable () -> Void

        /// - Parameter wake: called on `eventLoop` when there is more to read.
        init(eventLoop: any EventLoop, wake: @escaping @Sendable () -> Void) {
            self.eventLoop = eventLoop
            self.wake = wake
        }
    }

    private struct Shared {
        var state: FlightState
        /// As those of the state; nil: it has left.
        var riders: [Rider?] = []
        var leader: Leader?
        /// The answer in the other form, made once for all who want it.
        var converted: ByteBuffer??
        /// What was cached before, for all riders who found it.
        var stale: KeptAnswer?
    }

    private struct Leader {
        let eventLoop: any EventLoop
        let ask: @Sendable (FlightRequest) -> Void
    }

    let key: CacheKey
    /// Whether the answer will tell the usage.
    let givesUsage: Bool
    private let shared: Mutex<Shared>
    private let memory: MemoryBudget
    /// Bytes that the leader has left to the flight, which holds them until the last rider has left it.
    private let kept = Atomic<Int>(0)

    /// - Parameters:
    ///   - backlog: bytes that a rider may be behind where there is no recording of the answer.
    ///   - memory: what the answer's bytes are counted against.
    init(key: CacheKey, givesUsage: Bool, backlog: Int, memory: MemoryBudget) {
        self.key = key
        self.givesUsage = givesUsage
        self.memory = memory
        shared = Mutex(Shared(state: FlightState(backlog: backlog)))
    }

    deinit {
        let bytes = kept.load(ordering: .relaxed)
        if bytes != 0 { memory.giveBack(bytes) }
    }

    // MARK: The leader's

    /// Says who leads. `ask` is called on `eventLoop`, until the flight has ended.
    func lead(on eventLoop: any EventLoop, _ ask: @escaping @Sendable (FlightRequest) -> Void) {
        shared.withLock { $0.leader = Leader(eventLoop: eventLoop, ask: ask) }
    }

    /// Tells what has come, and wakes those who wait for it: each once, however much there is.
    func tell(_ news: FlightNews) {
        let woken = shared.withLock { shared in
            if news.ending != nil { shared.leader = nil }
            return shared.state.tell(news).compactMap { shared.riders.indices.contains($0) ? shared.riders[$0] : nil }
        }
        wake(woken)
    }

    /// Bytes of the answer that are held for riders.
    var held: Int { shared.withLock { $0.state.memory } }

    /// Leaves it to the flight to give back so many bytes of the budget, when it ends.
    func keep(_ bytes: Int) {
        kept.add(bytes, ordering: .relaxed)
    }

    /// Ends a flight that nobody rides; nobody can board it any more.
    /// - Returns: false if somebody does.
    func closeIfEmpty() -> Bool {
        shared.withLock { shared in
            guard shared.state.closeIfEmpty() else { return false }
            shared.leader = nil
            return true
        }
    }

    private func wake(_ woken: [Rider]) {
        guard let first = woken.first else { return }
        if woken.count == 1 { return Self.wake([first], on: first.eventLoop) }
        var loops: [(loop: any EventLoop, riders: [Rider])] = []
        for rider in woken {
            if let index = loops.firstIndex(where: { $0.loop === rider.eventLoop }) {
                loops[index].riders.append(rider)
            } else {
                loops.append((rider.eventLoop, [rider]))
            }
        }
        for (loop, riders) in loops { Self.wake(riders, on: loop) }
    }

    private static func wake(_ riders: [Rider], on loop: any EventLoop) {
        if loop.inEventLoop {
            for rider in riders { rider.wake() }
        } else {
            loop.execute { for rider in riders { rider.wake() } }
        }
    }

    // MARK: A rider's

    /// Nil: it is too late.
    func board(_ rider: Rider) -> RiderID? {
        shared.withLock { shared in
            guard let id = shared.state.board() else { return nil }
            shared.riders.append(rider)
            return id
        }
    }

    /// Reads on. Where there is nothing of what it wants the rider is woken when there is.
    func read(_ id: RiderID, _ appetite: FlightAppetite) -> FlightState.Reading {
        let (reading, ask) = shared.withLock { shared in
            let (reading, request) = shared.state.read(id, appetite)
            return (reading, request.flatMap { request in shared.leader.map { ($0, request) } })
        }
        pass(ask)
        return reading
    }

    /// The rider takes no more; it reads again when it does.
    func stall(_ id: RiderID) {
        pass(
            shared.withLock { shared in
                shared.state.stall(id).flatMap { request in shared.leader.map { ($0, request) } }
            }
        )
    }

    func leave(_ id: RiderID) {
        pass(
            shared.withLock { shared in
                if shared.riders.indices.contains(id) { shared.riders[id] = nil }
                return shared.state.leave(id).flatMap { request in shared.leader.map { ($0, request) } }
            }
        )
    }

    private func pass(_ asked: (leader: Leader, request: FlightRequest)?) {
        guard let (leader, request) = asked else { return }
        // Never from within the leader's own call, which may be what woke the rider.
        leader.eventLoop.execute { leader.ask(request) }
    }

    /// Keeps what a rider has found in the cache past its time, to be served to it if the model fails: once for all who find it.
    func share(_ found: CacheHit, _ account: MemoryAccount) -> KeptAnswer {
        if let stale = shared.withLock({ $0.stale }) {
            found.release()
            return stale
        }
        let stale = found.kept()
        var memory = Reservation(account)
        memory.charge(stale.bodyLength)
        keep(memory.handOver())
        return shared.withLock { shared in
            // Another loop may have been quicker.
            let first = shared.stale ?? stale
            shared.stale = first
            return first
        }
    }

    /// The whole answer in the other form, as `convert` makes it: once, however many want it.
    func converted(_ convert: () -> ByteBuffer?) -> ByteBuffer? {
        if let made = shared.withLock({ $0.converted }) { return made }
        let made = convert()
        shared.withLock { $0.converted = .some(made) }
        return made
    }
}
