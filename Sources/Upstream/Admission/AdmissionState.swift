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

    private var groups: [Group]
    private var underWay: [[Int]]
    private var queues: [Queue]
    private var total = 0
    private let totalLimit: Int
    private var lastTicket: Ticket = 0

    /// - Parameter totalLimit: calls to all deployments together; nil: no more limit than theirs.
    init(groups: [Group], totalLimit: Int?) {
        self.groups = groups
        self.totalLimit = max(1, totalLimit ?? .max)
        underWay = groups.map { $0.limits.map { _ in 0 } }
        queues = groups.map { _ in Queue() }
    }

    /// Calls that are under way.
    var callsUnderWay: Int { total }

    /// Calls that wait.
    var callsWaiting: Int { queues.reduce(0) { $0 + $1.waiting.count } }

    /// Begins a call. Those that wait come first.
    /// - Returns: false if the deployment is full.
    mutating func take(_ deployment: Int, of group: Int) -> Bool {
        guard queues[group].waiting.isEmpty, hasRoom(deployment, of: group) else { return false }
        begin(deployment, of: group)
        return true
    }

    /// Has a call wait that found those deployments of its group full that it would go to.
    mutating func wait(for deployments: [Int], of group: Int) -> Entry {
        let free = deployments.filter { hasRoom($0, of: group) }
        if queues[group].waiting.isEmpty, let deployment = roomiest(free, of: group) {
            begin(deployment, of: group)
            return .granted(deployment: deployment)
        }
        guard queues[group].waiting.count < groups[group].queueLimit else { return .refused }
        lastTicket += 1
        queues[group].tickets.append(lastTicket)
        queues[group].waiting.insert(lastTicket)
        return .queued(lastTicket)
    }

    /// A call has waited long enough.
    /// - Returns: false if its turn has come already.
    mutating func giveUp(_ ticket: Ticket, of group: Int) -> Bool {
        guard queues[group].waiting.remove(ticket) != nil else { return false }
        queues[group].dropStale()
        return true
    }

    /// A call has ended.
    /// - Returns: the one whose turn has come, if any.
    mutating func leave(_ deployment: Int, of group: Int) -> Grant? {
        guard underWay[group][deployment] > 0 else { return nil }
        underWay[group][deployment] -= 1
        total -= 1
        // Where the sum was the limit anybody may have waited for this; else only who waits for this group.
        guard totalLimit != .max else { return grant(deployment, in: group) }
        let waiting = queues.indices.filter { !queues[$0].waiting.isEmpty && freeDeployment(of: $0) != nil }
        guard let next = waiting.min(by: { (queues[$0].next ?? .max) < (queues[$1].next ?? .max) }) else { return nil }
        return grant(next == group ? deployment : freeDeployment(of: next), in: next)
    }

    private mutating func grant(_ deployment: Int?, in group: Int) -> Grant? {
        guard let deployment, hasRoom(deployment, of: group), let ticket = queues[group].pop() else { return nil }
        begin(deployment, of: group)
        return Grant(ticket: ticket, deployment: deployment)
    }

    private mutating func begin(_ deployment: Int, of group: Int) {
        underWay[group][deployment] += 1
        total += 1
    }

    private func hasRoom(_ deployment: Int, of group: Int) -> Bool {
        total < totalLimit && underWay[group][deployment] < groups[group].limits[deployment]
    }

    private func freeDeployment(of group: Int) -> Int? {
        roomiest(groups[group].limits.indices.filter { hasRoom($0, of: group) }, of: group)
    }

    /// The one that takes the most calls more.
    private func roomiest(_ deployments: [Int], of group: Int) -> Int? {
        deployments.max { room($0, of: group) < room($1, of: group) }
    }

    private func room(_ deployment: Int, of group: Int) -> Int {
        groups[group].limits[deployment] - underWay[group][deployment]
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
