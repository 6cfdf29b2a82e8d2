import NIOCore
import Upstream

/// Where a flight stands, and where each of its riders does. A value without a lock, a loop or a clock.
struct FlightState {
    /// Where a rider stands among those who have boarded.
    typealias RiderID = Int

    struct Rider {
        var position = 0
        /// What it waits for, having read everything of that; nil: it has not, or reads at present.
        var appetite: FlightAppetite?
        var isStalled = false
        var isCutOff = false
    }

    private(set) var head: UpstreamHead?
    private(set) var form = FlightForm.other
    private(set) var ending: FlightEnding?
    /// The answer is not kept whole, because there will be no recording of it: nobody boards any more, and what every rider
    /// has read is dropped.
    private(set) var isOverlong = false
    private(set) var isClosed = false
    /// In the order in which they boarded; nil: it has left.
    private var riders: [Rider?] = []
    private var riderCount = 0
    private var pieces: [FlightPiece] = []
    /// How many pieces were let go of.
    private var dropped = 0
    /// Bytes of the pieces.
    private var bytes = 0
    private var isPaused = false
    /// Bytes that a rider may be behind once the answer is overlong.
    private let backlog: Int
    /// The same where the memory budget is used up.
    private static let backlogUnderPressure = 256 * 1024

    init(backlog: Int) {
        self.backlog = backlog
    }

    /// Bytes of memory that the pieces take.
    var memory: Int { bytes + pieces.count * FlightPiece.overhead }

    // MARK: Riders

    /// Nil: it is too late to come aboard.
    mutating func board() -> RiderID? {
        guard !isClosed, !isOverlong, ending == nil else { return nil }
        riders.append(Rider(appetite: .head))
        riderCount += 1
        return riders.count - 1
    }

    mutating func leave(_ id: RiderID) -> FlightRequest? {
        guard rider(id) != nil else { return nil }
        riders[id] = nil
        riderCount -= 1
        guard ending == nil else { return nil }
        trim()
        return riderCount == 0 ? .abandoned : pauseOrResume()
    }

    /// Closes a flight that nobody rides.
    /// - Returns: whether nobody did.
    mutating func closeIfEmpty() -> Bool {
        guard riderCount == 0 else { return false }
        isClosed = true
        return true
    }

    /// What a rider gets to read.
    struct Reading {
        var head: UpstreamHead?
        var form: FlightForm
        var pieces: [FlightPiece]
        var ending: FlightEnding?
        var isOverlong: Bool
        /// It was so far behind that what it needs is gone.
        var isCutOff: Bool
        /// There is more to read, and the ending only behind it.
        var hasMore = false
    }

    /// Bytes that are read at a time, if it is more than one piece.
    private static var portion: Int { 32 * 1024 }

    mutating func read(_ id: RiderID, _ appetite: FlightAppetite) -> (Reading, FlightRequest?) {
        guard var rider = rider(id) else {
            return (
                Reading(head: head, form: form, pieces: [], ending: ending, isOverlong: isOverlong, isCutOff: true), nil
            )
        }
        var reading = Reading(
            head: head,
            form: form,
            pieces: [],
            ending: ending,
            isOverlong: isOverlong,
            isCutOff: rider.isCutOff
        )
        rider.isStalled = false
        let start = min(max(0, rider.position - dropped), pieces.count)
        switch appetite {
        case .head: break
        case .whole: if ending != nil { reading.pieces = Array(pieces[start...]) }
        case .pieces:
            var end = start
            var size = 0
            while end < pieces.count, end == start || size < Self.portion {
                size += pieces[end].bytes.readableBytes
                end += 1
            }
            reading.pieces = Array(pieces[start..<end])
            rider.position = dropped + end
            reading.hasMore = end < pieces.count
            if reading.hasMore { reading.ending = nil }
        }
        let isServed = ending != nil || reading.hasMore || (appetite == .head && head != nil)
        rider.appetite = isServed ? nil : appetite
        riders[id] = rider
        if appetite == .pieces { trim() }
        return (reading, pauseOrResume())
    }

    /// A rider takes no more for now.
    mutating func stall(_ id: RiderID) -> FlightRequest? {
        guard rider(id) != nil else { return nil }
        riders[id]?.isStalled = true
        riders[id]?.appetite = nil
        return pauseOrResume()
    }

    private func rider(_ id: RiderID) -> Rider? {
        riders.indices.contains(id) ? riders[id] : nil
    }

    /// Whether somebody is aboard of whom that is so.
    private func hasRider(_ isSo: (Rider) -> Bool) -> Bool {
        riders.contains { $0.map(isSo) ?? false }
    }

    private mutating func pauseOrResume() -> FlightRequest? {
        let wantsPause = riderCount > 0 && !hasRider { !$0.isStalled && !$0.isCutOff }
        guard wantsPause != isPaused, ending == nil else { return nil }
        isPaused = wantsPause
        return wantsPause ? .pause : .resume
    }

    // MARK: What arrives

    /// - Returns: who is to be woken.
    mutating func tell(_ news: FlightNews) -> [RiderID] {
        var woken: [RiderID] = []
        if let (head, form) = news.head { arrive(head, form, &woken) }
        if news.isOverlong { overflow(&woken) }
        if !news.pieces.isEmpty { append(news.pieces, isPressed: news.isPressed, &woken) }
        if let ending = news.ending { end(ending, &woken) }
        return woken
    }

    private mutating func arrive(_ head: UpstreamHead, _ form: FlightForm, _ woken: inout [RiderID]) {
        self.head = head
        self.form = form
        wake(&woken) { $0 != .whole }
    }

    private mutating func append(_ more: [FlightPiece], isPressed: Bool, _ woken: inout [RiderID]) {
        if pieces.isEmpty { pieces = more } else { pieces += more }
        bytes += more.reduce(0) { $0 + $1.bytes.readableBytes }
        if isOverlong { cutOffLaggards(isPressed ? min(backlog, Self.backlogUnderPressure) : backlog) }
        wake(&woken) { $0 == .pieces }
    }

    /// There will be no recording.
    private mutating func overflow(_ woken: inout [RiderID]) {
        guard !isOverlong else { return }
        isOverlong = true
        wake(&woken) { _ in true }
    }

    private mutating func end(_ ending: FlightEnding, _ woken: inout [RiderID]) {
        guard self.ending == nil else { return }
        self.ending = ending
        isClosed = true
        wake(&woken) { _ in true }
    }

    private mutating func wake(_ woken: inout [RiderID], _ isWoken: (FlightAppetite) -> Bool) {
        for id in riders.indices {
            guard let appetite = riders[id]?.appetite, isWoken(appetite) else { continue }
            riders[id]?.appetite = nil
            woken.append(id)
        }
    }

    // MARK: Answers that are not recorded

    /// Drops what every rider has read.
    private mutating func trim() {
        guard isOverlong else { return }
        let positions = riders.lazy.compactMap { $0 }.filter { !$0.isCutOff }.map(\.position)
        let least = positions.min() ?? dropped + pieces.count
        let count = min(max(0, least - dropped), pieces.count)
        guard count > 0 else { return }
        bytes -= pieces[..<count].reduce(0) { $0 + $1.bytes.readableBytes }
        pieces.removeFirst(count)
        dropped += count
    }

    /// A slow rider holds nobody up: where others go on, one that is too far behind is left behind.
    private mutating func cutOffLaggards(_ backlog: Int) {
        trim()
        guard bytes > backlog, hasRider({ !$0.isStalled && !$0.isCutOff }) else { return }
        for id in riders.indices {
            guard let rider = riders[id], rider.isStalled, rider.position == dropped else { continue }
            riders[id]?.isCutOff = true
        }
        trim()
    }
}
