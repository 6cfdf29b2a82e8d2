import NIOCore
import ResponseCache
import Synchronization
import Upstream

/// One call to a model, and all the requests that wait for its answer: the one that caused the call, and those that
/// asked the same meanwhile, on any event loop.
///
/// The answer is in memory once. Each reader reads at its own pace, and none slows another. The leader publishes what
/// arrives on its loop. Readers are woken on theirs, within the same turn where the two loops are the same.
final class Flight: Sendable {
    typealias ReaderID = FlightState.ReaderID

    /// A request that waits for the answer: the client of the leader, or a follower.
    struct Reader: Sendable {
        let eventLoop: any EventLoop
        let wake: @Sendable () -> Void

        /// - Parameter wake: It is called on `eventLoop` when there is more to read.
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
        /// The answer in the other form, made once for all who want it. The outer optional is nil until it was tried.
        var converted: ByteBuffer??
        /// What was cached before, for all readers that found it.
        var stale: KeptAnswer?

        func reader(_ id: ReaderID) -> Reader? { readers.indices.contains(id) ? readers[id] : nil }
    }

    private struct Leader {
        let eventLoop: any EventLoop
        let signal: @Sendable (LeaderSignal) -> Void
    }

    let key: CacheKey
    /// Whether the answer will tell the usage.
    let givesUsage: Bool
    private let shared: Mutex<Shared>
    private let memory: MemoryBudget
    /// Bytes of the budget that were handed to the flight. It gives them back when the last reader has let go of it.
    private let reserved = Atomic<Int>(0)

    /// - Parameters:
    ///   - backlog: how many bytes a reader may be behind where the answer is not recorded.
    ///   - memory: what the answer's bytes are counted against.
    init(key: CacheKey, givesUsage: Bool, backlog: Int, memory: MemoryBudget) {
        self.key = key
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

    /// Publishes what has arrived, and wakes the readers that wait for it, each of them once.
    func publish(_ update: FlightUpdate) {
        let (first, others): (Reader?, [Reader]) = shared.withLock { shared in
            if update.ending != nil { shared.leader = nil }
            let ids = shared.state.publish(update)
            return (ids.first.flatMap { shared.reader($0) }, ids.dropFirst().compactMap { shared.reader($0) })
        }
        guard let first else { return }
        if others.isEmpty { Self.wake(first) } else { Self.wake([first] + others) }
    }

    /// Bytes of the answer that are held for readers.
    var heldBytes: Int { shared.withLock { $0.state.memory } }

    /// Hands bytes of the budget to the flight, which gives them back when it is released.
    func takeOver(reserved bytes: Int) {
        reserved.add(bytes, ordering: .relaxed)
    }

    /// Closes a flight that has no reader. Nobody can join it any more.
    ///
    /// - Returns: false where it has a reader.
    func closeIfEmpty() -> Bool {
        shared.withLock { shared in
            guard shared.state.closeIfEmpty() else { return false }
            shared.leader = nil
            return true
        }
    }

    /// Wakes the usual one reader, without an array.
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
    /// - Returns: nil where it is too late to join.
    func join(_ reader: Reader) -> ReaderID? {
        shared.withLock { shared in
            guard let id = shared.state.join() else { return nil }
            // To make an array of one costs less than to let an empty one grow.
            if shared.readers.isEmpty { shared.readers = [reader] } else { shared.readers.append(reader) }
            return id
        }
    }

    /// Reads on. Where there is nothing of what the reader waits for yet, it is woken when there is.
    func read(_ id: ReaderID, _ interest: FlightInterest) -> FlightState.Reading {
        let (reading, signalled) = shared.withLock { shared in
            let (reading, signal) = shared.state.read(id, interest)
            return (reading, signal.flatMap { signal in shared.leader.map { ($0, signal) } })
        }
        send(signalled)
        return reading
    }

    /// Says that the reader's client takes no more bytes. The reader reads again when it does.
    func suspend(_ id: ReaderID) {
        send(
            shared.withLock { shared in
                shared.state.suspend(id).flatMap { signal in shared.leader.map { ($0, signal) } }
            }
        )
    }

    /// Takes a reader out. Harmless where it has left already.
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
        // The leader may be what woke the reader, so it is not called from within its own call.
        leader.eventLoop.execute { leader.signal(signal) }
    }

    /// Keeps what a reader has found in the cache past its time, to be served if the model fails. It is in memory once
    /// for all readers that find it.
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
            // Another loop may have been first.
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
