/// Decides which calls to models may be in progress, and which wait in the order of their arrival. It is a value
/// without a lock, a loop or a clock.
///
/// The calls of each deployment have a limit, and so have those of all deployments together. A call that finds every
/// deployment of its group full waits in the queue of the group, whose length has a limit too.
struct AdmissionState {
    /// The number of a call that waits.
    typealias Ticket = UInt64

    /// A group as it is configured.
    struct Group {
        /// How many calls each of its deployments takes at a time, at least 1.
        var limits: [Int]
        /// How many calls may wait.
        var queueLimit: Int
    }

    /// The outcome for a call that found no deployment free.
    enum Entry: Equatable {
        /// A deployment has become free meanwhile.
        case granted(deployment: Int)
        case queued(Ticket)
        /// The queue is full.
        case refused
    }

    /// A call whose turn has come. It counts as in progress from then on.
    struct Grant: Equatable {
        let ticket: Ticket
        let deployment: Int
    }

    fileprivate struct Queue {
        /// The tickets in order. Among them are those that were given back, which are skipped.
        var tickets: [Ticket] = []
        /// The number of tickets at the front that are no longer needed.
        var first = 0
        var waiting: Set<Ticket> = []
    }

    /// How many calls a deployment has and may have.
    private struct Place {
        var underWay = 0
        let limit: Int

        var room: Int { limit - underWay }
    }

    /// The places of all deployments, one group after another.
    private var places: [Place]
    /// Where the places of each group's deployments are.
    private let ranges: [Range<Int>]
    private let queueLimits: [Int]
    private var queues: [Queue]
    private var total = 0
    private var waiting = 0
    private let totalLimit: Int
    private var lastTicket: Ticket = 0

    /// - Parameter totalLimit: how many calls all deployments take together. Where it is nil, only their own limits
    ///   apply.
    init(groups: [Group], totalLimit: Int?) {
        self.totalLimit = max(1, totalLimit ?? .max)
        places = groups.flatMap { $0.limits.map { Place(limit: max(1, $0)) } }
        var start = 0
        ranges = groups.map { group in
            defer { start += group.limits.count }
            return start..<start + group.limits.count
        }
        queueLimits = groups.map(\.queueLimit)
        queues = groups.map { _ in Queue() }
    }

    /// How many calls are in progress.
    var callsUnderWay: Int { total }

    /// How many calls wait.
    var callsWaiting: Int { waiting }

    /// How many calls to each deployment of a group are in progress.
    func calls(of group: Int) -> [Int] { places[ranges[group]].map(\.underWay) }

    /// Begins a call, unless other calls of its group wait, which come first.
    ///
    /// - Returns: false if the call has not begun.
    mutating func take(_ deployment: Int, of group: Int) -> Bool {
        if waiting > 0, !queues[group].waiting.isEmpty { return false }
        return begin(ranges[group].lowerBound + deployment)
    }

    /// Queues a call that found these deployments of its group full, unless one of them has become free.
    mutating func wait(for deployments: [Int], of group: Int) -> Entry {
        if queues[group].waiting.isEmpty {
            let start = ranges[group].lowerBound
            if let place = roomiest(deployments.map { start + $0 }), begin(place) {
                return .granted(deployment: place - start)
            }
        }
        guard queues[group].waiting.count < queueLimits[group] else { return .refused }
        lastTicket += 1
        queues[group].tickets.append(lastTicket)
        queues[group].waiting.insert(lastTicket)
        waiting += 1
        return .queued(lastTicket)
    }

    /// Takes a call out of the queue.
    ///
    /// - Returns: false if the turn of the call has come already.
    mutating func giveUp(_ ticket: Ticket, of group: Int) -> Bool {
        guard queues[group].waiting.remove(ticket) != nil else { return false }
        waiting -= 1
        queues[group].dropStale()
        return true
    }

    /// Ends a call.
    ///
    /// - Returns: the call whose turn has come, if any.
    mutating func leave(_ deployment: Int, of group: Int) -> Grant? {
        let place = ranges[group].lowerBound + deployment
        guard places[place].underWay > 0 else { return nil }
        places[place].underWay -= 1
        total -= 1
        return waiting == 0 ? nil : next(at: place, of: group)
    }

    private mutating func next(at place: Int, of group: Int) -> Grant? {
        // With a limit for all deployments, calls of any group may have waited for this end; without one, only calls of
        // this group.
        guard totalLimit != .max else { return grant(place, in: group) }
        let ready = queues.indices.filter { !queues[$0].waiting.isEmpty && freePlace(of: $0) != nil }
        guard let next = ready.min(by: { (queues[$0].next ?? .max) < (queues[$1].next ?? .max) }) else { return nil }
        return grant(next == group ? place : freePlace(of: next), in: next)
    }

    private mutating func grant(_ place: Int?, in group: Int) -> Grant? {
        guard let place, hasRoom(place), let ticket = queues[group].pop() else { return nil }
        waiting -= 1
        _ = begin(place)
        return Grant(ticket: ticket, deployment: place - ranges[group].lowerBound)
    }

    /// - Returns: false if there is no room.
    private mutating func begin(_ place: Int) -> Bool {
        guard hasRoom(place) else { return false }
        places[place].underWay += 1
        total += 1
        return true
    }

    private func hasRoom(_ place: Int) -> Bool {
        total < totalLimit && places[place].room > 0
    }

    private func freePlace(of group: Int) -> Int? { roomiest(Array(ranges[group])) }

    /// The candidate with the most room. It is nil where none has room.
    private func roomiest(_ candidates: [Int]) -> Int? {
        candidates.filter(hasRoom).max { places[$0].room < places[$1].room }
    }
}

extension AdmissionState.Queue {
    /// The ticket whose turn is next.
    fileprivate var next: AdmissionState.Ticket? {
        tickets[first...].first(where: waiting.contains)
    }

    fileprivate mutating func pop() -> AdmissionState.Ticket? {
        dropStale()
        guard first < tickets.count else { return nil }
        let ticket = tickets[first]
        first += 1
        waiting.remove(ticket)
        dropStale()
        return ticket
    }

    /// Skips tickets that were given back, and drops the skipped ones once they are more than half of all.
    fileprivate mutating func dropStale() {
        while first < tickets.count, !waiting.contains(tickets[first]) { first += 1 }
        guard first > 64, first > tickets.count / 2 else { return }
        tickets.removeFirst(first)
        first = 0
    }
}
