/// The calls that wait for a thread of a plugin that blocks, in the order in which they will be made.
///
/// A call whose deadline passes is withdrawn, and then no thread makes it. The queue holds no more than `capacity` calls
/// that are not withdrawn. It has no lock: its pool guards it.
struct CallQueue<Call: AnyObject> {
    /// A place in the queue.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// What became of a call whose time is over.
    enum Withdrawal: Equatable, Sendable {
        /// A thread makes the call, or has made it. `hasWaited` is whether other calls returned before it began, so that
        /// not the plugin alone made it late.
        case begun(hasWaited: Bool)
        /// No thread has made the call, but other calls have returned meanwhile: there are too many of them.
        case crowdedOut
        /// No thread has made the call, and no other has returned meanwhile: the plugin holds all threads.
        case stuck
    }

    /// A call that a thread makes.
    struct Begun {
        let call: Call
        fileprivate let number: UInt64
    }

    /// How many calls may wait.
    let capacity: Int
    private var waiting: [UInt64: (call: Call, returnsBefore: UInt64)] = [:]
    /// The calls that threads make, and whether others returned before they began.
    private var running: [UInt64: Bool] = [:]
    /// The numbers of the calls, the next one last. Numbers of withdrawn calls are dropped as they come up, and all at
    /// once when they are the majority.
    private var urgent: [UInt64] = []
    private var order: [UInt64] = []
    private var oldest = 0
    private var lastNumber: UInt64 = 0
    private var returns: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many calls wait.
    var count: Int { waiting.count }
    /// How many places are held, those of withdrawn calls included.
    var length: Int { order.count + urgent.count }

    /// Queues a call.
    /// - Parameter isUrgent: whether it comes before all calls that are not urgent, and is taken even where the queue is
    ///   full.
    /// - Returns: nil if the queue is full.
    mutating func append(_ call: Call, isUrgent: Bool) -> Ticket? {
        guard isUrgent || waiting.count < capacity else { return nil }
        lastNumber &+= 1
        waiting[lastNumber] = (call, returns)
        if isUrgent { urgent.insert(lastNumber, at: 0) } else { order.append(lastNumber) }
        return Ticket(number: lastNumber)
    }

    /// Takes the next call out, which a thread makes now. It is nil where none waits.
    mutating func next() -> Begun? {
        defer { compact() }
        while let number = urgent.popLast() {
            if let begun = begin(number) { return begun }
        }
        while oldest < order.count {
            let number = order[oldest]
            oldest += 1
            if let begun = begin(number) { return begun }
        }
        return nil
    }

    private mutating func begin(_ number: UInt64) -> Begun? {
        guard let (call, returnsBefore) = waiting.removeValue(forKey: number) else { return nil }
        running[number] = returns != returnsBefore
        return Begun(call: call, number: number)
    }

    /// Notes that a call has returned.
    mutating func returned(_ begun: Begun) {
        running[begun.number] = nil
        returns &+= 1
    }

    /// Takes a call out, unless a thread has begun it.
    mutating func withdraw(_ ticket: Ticket) -> Withdrawal {
        guard let (_, returnsBefore) = waiting.removeValue(forKey: ticket.number) else {
            return .begun(hasWaited: running[ticket.number] ?? false)
        }
        compact()
        return returns == returnsBefore ? .stuck : .crowdedOut
    }

    /// Takes all calls out.
    mutating func removeAll() -> [Call] {
        defer {
            waiting = [:]
            urgent = []
            order = []
            oldest = 0
        }
        return waiting.values.map(\.call)
    }

    private mutating func compact() {
        if waiting.isEmpty {
            urgent.removeAll(keepingCapacity: true)
            order.removeAll(keepingCapacity: true)
            oldest = 0
            return
        }
        guard length > 64, length > 2 * waiting.count else { return }
        order = order[oldest...].filter { waiting[$0] != nil }
        urgent = urgent.filter { waiting[$0] != nil }
        oldest = 0
    }
}
