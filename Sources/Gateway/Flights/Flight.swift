import NIOCore
import OpenTelemetry
import ResponseCache
import Synchronization
import Upstream

/// One call to a model and all requests that wait for its answer: the request that caused the call, and identical
/// requests that arrived in the meantime on any event loop.
///
/// The answer is in memory only once. Each reader reads at its own pace and does not slow the others. The leader
/// publishes what arrives on its own event loop. Each reader is woken on its own event loop, and within the same turn
/// where that is also the leader's.
final class Flight: Sendable {
    typealias ReaderID = FlightState.ReaderID

    /// A request that waits for the answer: the one that began the flight, or a follower.
    struct Reader: Sendable {
        let eventLoop: any EventLoop
        let wake: @Sendable () -> Void

        /// - Parameter wake: the function that is called on `eventLoop` when there is more to read.
        init(eventLoop: any EventLoop, wake: @escaping @Sendable () -> Void) {
            self.eventLoop = eventLoop
            self.wake = wake
        }
    }

    private struct Shared {
        var state: FlightState
        /// The readers at the places that their identifiers name. A reader that has left is nil.
        var readers: [Reader?] = []
        var leader: Leader?
        /// The answer in the other form, which is made once for all readers that want it. The outer optional is nil
        /// until the conversion has been tried.
        var converted: ByteBuffer??
        /// The stale answer from the cache, for all readers that found it.
        var stale: KeptAnswer?

        func reader(_ id: ReaderID) -> Reader? { readers.indices.contains(id) ? readers[id] : nil }
    }

    private struct Leader {
        let eventLoop: any EventLoop
        let signal: @Sendable (LeaderSignal) -> Void
    }

    let key: CacheKey
    /// What purges can name of the call.
    let facts: CallFacts
    /// Whether the answer will contain the usage.
    let givesUsage: Bool
    /// The request that caused the call, where its trace is recorded.
    let trace: TraceParent?
    private let shared: Mutex<Shared>
    private let memory: MemoryBudget
    /// The number of bytes of the budget that were handed to the flight. They are given back when the last reader has
    /// released the flight.
    private let reserved = Atomic<Int>(0)

    /// - Parameters:
    ///   - backlog: how many bytes a reader may lag where the answer is not recorded.
    ///   - memory: what the answer's bytes are counted against.
    ///   - trace: the request that causes the call, where its trace is recorded.
    init(
        key: CacheKey,
        facts: CallFacts,
        givesUsage: Bool,
        backlog: Int,
        memory: MemoryBudget,
        trace: TraceParent? = nil
    ) {
        self.trace = trace
        self.key = key
        self.facts = facts
        self.givesUsage = givesUsage
        self.memory = memory
        shared = Mutex(Shared(state: FlightState(backlog: backlog)))
    }

    /// How many readers have joined and have not left.
    var readers: Int { shared.withLock { $0.readers.count { $0 != nil } } }

    deinit {
        let bytes = reserved.load(ordering: .relaxed)
        if bytes != 0 { memory.giveBack(bytes) }
    }

    // MARK: What the leader calls

    /// Registers the leader. `signal` is called on `eventLoop` until the flight has ended.
    func lead(on eventLoop: any EventLoop, _ signal: @escaping @Sendable (LeaderSignal) -> Void) {
        shared.withLock { $0.leader = Leader(eventLoop: eventLoop, signal: signal) }
    }

    /// Publishes what has arrived, and wakes each reader that waits for it once.
    func publish(_ update: FlightUpdate) {
        let (first, others): (Reader?, [Reader]) = shared.withLock { shared in
            if update.ending != nil { shared.leader = nil }
            let ids = shared.state.publish(update)
            return (ids.first.flatMap { shared.reader($0) }, ids.dropFirst().compactMap { shared.reader($0) })
        }
        guard let first else { return }
        if others.isEmpty { Self.wake(first) } else { Self.wake([first] + others) }
    }

    /// The number of bytes of the answer that are held for readers.
    var heldBytes: Int { shared.withLock { $0.state.memory } }

    /// Hands bytes of the budget to the flight, which gives them back when it is released.
    func takeOver(reserved bytes: Int) {
        reserved.add(bytes, ordering: .relaxed)
    }

    /// Closes a flight that has no reader, so that no reader can join it any more.
    ///
    /// - Returns: false where it has a reader.
    func closeIfEmpty() -> Bool {
        shared.withLock { shared in
            guard shared.state.closeIfEmpty() else { return false }
            shared.leader = nil
            return true
        }
    }

    /// Wakes a single reader, which is the usual case, without an array.
    private static func wake(_ reader: Reader) {
        if reader.eventLoop.inEventLoop { reader.wake() } else { reader.eventLoop.execute { reader.wake() } }
    }

    private static func wake(_ woken: [Reader]) {
        var loops: [(loop: any EventLoop, readers: [Reader])] = []
        for reader in woken {
            if let index = loops.firstIndex(where: { $0.loop === reader.eventLoop }) {
                loops[index].readers.append(reader)
            } else {
                loops.append((reader.eventLoop, [reader]))
            }
        }
        for (loop, readers) in loops { wake(readers, on: loop) }
    }

    private static func wake(_ readers: [Reader], on loop: any EventLoop) {
        if loop.inEventLoop {
            for reader in readers { reader.wake() }
        } else {
            loop.execute { for reader in readers { reader.wake() } }
        }
    }

    // MARK: What a reader calls

    /// Adds a reader.
    ///
    /// - Returns: the identifier of the reader. It is nil where it is too late to join.
    func join(_ reader: Reader) -> ReaderID? {
        shared.withLock { shared in
            guard let id = shared.state.join() else { return nil }
            // Making an array of one element costs less than growing an empty one.
            if shared.readers.isEmpty { shared.readers = [reader] } else { shared.readers.append(reader) }
            return id
        }
    }

    /// Reads on. Where nothing that the reader waits for has arrived yet, the reader is woken when it has.
    func read(_ id: ReaderID, _ interest: FlightInterest) -> FlightState.Reading {
        let (reading, signalled) = shared.withLock { shared in
            let (reading, signal) = shared.state.read(id, interest)
            return (reading, signal.flatMap { signal in shared.leader.map { ($0, signal) } })
        }
        send(signalled)
        return reading
    }

    /// Notes that the reader's client takes no more bytes. The reader reads again when the client does take more.
    func suspend(_ id: ReaderID) {
        send(
            shared.withLock { shared in
                shared.state.suspend(id).flatMap { signal in shared.leader.map { ($0, signal) } }
            }
        )
    }

    /// Removes a reader. It has no effect where the reader has already left.
    func leave(_ id: ReaderID) {
        send(
            shared.withLock { shared in
                if shared.readers.indices.contains(id) { shared.readers[id] = nil }
                return shared.state.leave(id).flatMap { signal in shared.leader.map { ($0, signal) } }
            }
        )
    }

    private func send(_ signalled: (leader: Leader, signal: LeaderSignal)?) {
        guard let (leader, signal) = signalled else { return }
        // The reader may have been woken by the leader, which must not be called from within its own call.
        leader.eventLoop.execute { leader.signal(signal) }
    }

    /// Keeps a stale answer that a reader has found in the cache, to be served if the model fails. It is in memory only
    /// once for all readers that find it.
    func keepStale(_ found: CacheHit, _ account: MemoryAccount) -> KeptAnswer {
        if let stale = shared.withLock({ $0.stale }) {
            found.release()
            return stale
        }
        let stale = found.kept()
        var memory = Reservation(account)
        memory.charge(stale.bodyLength)
        takeOver(reserved: memory.handOver())
        return shared.withLock { shared in
            // A reader on another event loop may have been first.
            let first = shared.stale ?? stale
            shared.stale = first
            return first
        }
    }

    /// The whole answer in the other form, as `convert` makes it. It is made once for all readers that want it.
    func converted(_ convert: () -> ByteBuffer?) -> ByteBuffer? {
        if let made = shared.withLock({ $0.converted }) { return made }
        let made = convert()
        shared.withLock { $0.converted = .some(made) }
        return made
    }
}
