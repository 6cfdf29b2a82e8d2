/// Which calls to models may be under way, and which wait for their turn: first come, first served. A value without a lock,
/// a loop or a clock.
///
/// A deployment takes so many calls at a time, and all together so many. A call that finds every deployment of its group full
/// waits in the queue of the group, which has a length.
struct AdmissionState {
    /// Names a call that waits.
    typealias Ticket = UInt64

    /// A group as it is configured.
    struct Group {
        /// Calls that each of its deployments takes at a time; at least 1 each.
        var limits: [Int]
        /// Calls that may wait.
        var queueLimit: Int
    }

    /// What becomes of a call that found no deployment free.
    enum Entry: Equatable {
        /// One has become free meanwhile.
        case granted(deployment: Int)
        case queued(Ticket)
        /// The queue is full.
        case refused
    }

    /// A call whose turn has come. It is under way from here on.
    struct Grant: Equatable {
        let ticket: Ticket
        let deployment: Int
    }

    fileprivate struct Queue {
        /// In order; holds tickets that were given back, which are skipped.
        var tickets: [Ticket] = []
        /// How many of the tickets are used up.
        var first = 0
        var waiting: Set<Ticket> = []
    }

    /// What is said of the deployments of all groups, one group behind the other.
    private struct Place {
        var underWay = 0
        let limit: Int

        var room: Int { limit - underWay }
    }

    private var places: [Place]
    /// The places of each group's deployments.
    private let ranges: [Range<Int>]
    private let queueLimits: [Int]
    private var queues: [Queue]
    private var total = 0
    private var waiting = 0
    private let totalLimit: Int
    private var lastTicket: Ticket = 0

    /// - Parameter totalLimit: calls to all deployments together; nil: no more limit than theirs.
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

    /// Calls that are under way.
    var callsUnderWay: Int { total }

    /// Calls that wait.
    var callsWaiting: Int { waiting }

    /// Begins a call. Those that wait come first.
    /// - Returns: false if the deployment is full.
    mutating func take(_ deployment: Int, of group: Int) -> Bool {
        if waiting > 0, !queues[group].waiting.isEmpty { return false }
        return begin(ranges[group].lowerBound + deployment)
    }

    /// Has a call wait that found those deployments of its group full that it would go to.
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

    /// A call has waited long enough.
    /// - Returns: false if its turn has come already.
    mutating func giveUp(_ ticket: Ticket, of group: Int) -> Bool {
        guard queues[group].waiting.remove(ticket) != nil else { return false }
        waiting -= 1
        queues[group].dropStale()
        return true
    }

    /// A call has ended.
    /// - Returns: the one whose turn has come, if any.
    mutating func leave(_ deployment: Int, of group: Int) -> Grant? {
        let place = ranges[group].lowerBound + deployment
        guard places[place].underWay > 0 else { return nil }
        places[place].underWay -= 1
        total -= 1
        return waiting == 0 ? nil : next(at: place, of: group)
    }

    private mutating func next(at place: Int, of group: Int) -> Grant? {
        // Where the sum was the limit anybody may have waited for this; else only who waits for this group.
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

    /// The one that takes the most calls more, if any does.
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

    /// Drops tickets that were given back, and the used ones once they are the most.
    fileprivate mutating func dropStale() {
        while first < tickets.count, !waiting.contains(tickets[first]) { first += 1 }
        guard first > 64, first > tickets.count / 2 else { return }
        tickets.removeFirst(first)
        first = 0
    }
}
