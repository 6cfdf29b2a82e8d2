import NIOCore
import Upstream

/// The state of a flight and the position of each of its readers. It is a value without a lock, an event loop or a
/// clock.
struct FlightState {
    /// Identifies a reader of one flight.
    typealias ReaderID = Int

    struct Reader {
        var position = 0
        /// What the reader waits for. It is nil while the reader is reading or suspended.
        var awaits: FlightInterest?
        /// Whether its client takes no more bytes at present.
        var isSuspended = false
        /// Whether pieces that the reader has not read have been dropped.
        var isCutOff = false
    }

    private(set) var head: UpstreamHead?
    private(set) var form = FlightForm.other
    private(set) var ending: FlightEnding?
    /// What the call has cost, once it has ended.
    private var account = FlightAccount()
    /// Whether the answer will not be recorded. Such an answer is not kept whole: no reader can join any more, and
    /// pieces that every reader has read are dropped.
    private(set) var isUnrecorded = false
    private(set) var isClosed = false
    /// The readers in the order in which they joined. A reader that has left is nil.
    private var readers: [Reader?] = []
    private var readerCount = 0
    private var pieces: [FlightPiece] = []
    /// The number of pieces that were dropped.
    private var dropped = 0
    /// The number of bytes in the pieces.
    private var bytes = 0
    private var isPaused = false
    /// The number of bytes that a reader may lag once the answer is not recorded.
    private let backlog: Int
    /// The number of bytes that a reader may lag while the memory budget is used up.
    private static let backlogUnderPressure = 256 * 1024

    init(backlog: Int) {
        self.backlog = backlog
    }

    /// The number of bytes of memory that the pieces take.
    var memory: Int { bytes + pieces.count * FlightPiece.overhead }

    // MARK: Readers

    /// Adds a reader.
    ///
    /// - Returns: the identifier of the reader. It is nil where it is too late to join.
    mutating func join() -> ReaderID? {
        guard !isClosed, !isUnrecorded, ending == nil else { return nil }
        // Making an array of one element costs less than growing an empty one.
        if readers.isEmpty { readers = [Reader(awaits: .head)] } else { readers.append(Reader(awaits: .head)) }
        readerCount += 1
        return readers.count - 1
    }

    mutating func leave(_ id: ReaderID) -> LeaderSignal? {
        guard reader(id) != nil else { return nil }
        readers[id] = nil
        readerCount -= 1
        guard ending == nil else { return nil }
        trim()
        return readerCount == 0 ? .abandoned : pauseOrResume()
    }

    /// Closes a flight that has no reader.
    ///
    /// - Returns: whether it had none.
    mutating func closeIfEmpty() -> Bool {
        guard readerCount == 0 else { return false }
        isClosed = true
        return true
    }

    /// What a reader gets to read.
    struct Reading {
        var head: UpstreamHead?
        var form: FlightForm
        var pieces: [FlightPiece]
        var ending: FlightEnding?
        /// What the call has cost, once it has ended.
        var account = FlightAccount()
        var isUnrecorded: Bool
        /// Whether the reader lagged so far that pieces it needs were dropped.
        var isCutOff: Bool
        /// Whether there is more to read at once. The ending is given with the last portion.
        var hasMore = false
    }

    /// The number of bytes after which a portion of several pieces ends.
    private static var portion: Int { 32 * 1024 }

    mutating func read(_ id: ReaderID, _ interest: FlightInterest) -> (Reading, LeaderSignal?) {
        var reading = Reading(
            head: head,
            form: form,
            pieces: [],
            ending: ending,
            account: account,
            isUnrecorded: isUnrecorded,
            isCutOff: true
        )
        guard var reader = reader(id) else { return (reading, nil) }
        reading.isCutOff = reader.isCutOff
        reader.isSuspended = false
        let start = min(max(0, reader.position - dropped), pieces.count)
        switch interest {
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
            reader.position = dropped + end
            reading.hasMore = end < pieces.count
            if reading.hasMore { reading.ending = nil }
        }
        let isServed = ending != nil || reading.hasMore || (interest == .head && head != nil)
        reader.awaits = isServed ? nil : interest
        readers[id] = reader
        if interest == .pieces { trim() }
        return (reading, pauseOrResume())
    }

    /// Notes that the reader's client takes no more bytes for now.
    mutating func suspend(_ id: ReaderID) -> LeaderSignal? {
        guard reader(id) != nil else { return nil }
        readers[id]?.isSuspended = true
        readers[id]?.awaits = nil
        return pauseOrResume()
    }

    private func reader(_ id: ReaderID) -> Reader? {
        readers.indices.contains(id) ? readers[id] : nil
    }

    /// Whether the predicate holds for any reader.
    private func hasReader(where predicate: (Reader) -> Bool) -> Bool {
        readers.contains { $0.map(predicate) ?? false }
    }

    private mutating func pauseOrResume() -> LeaderSignal? {
        let wantsPause = readerCount > 0 && !hasReader { !$0.isSuspended && !$0.isCutOff }
        guard wantsPause != isPaused, ending == nil else { return nil }
        isPaused = wantsPause
        return wantsPause ? .pause : .resume
    }

    // MARK: What arrives

    /// Adds what the leader publishes.
    ///
    /// - Returns: the readers to wake.
    mutating func publish(_ update: FlightUpdate) -> [ReaderID] {
        var woken: [ReaderID] = []
        if let (head, form) = update.head { arrive(head, form, &woken) }
        if update.isUnrecorded { stopRecording(&woken) }
        if !update.pieces.isEmpty { append(update.pieces, isUnderPressure: update.isUnderPressure, &woken) }
        if let ending = update.ending {
            account = update.account
            end(ending, &woken)
        }
        return woken
    }

    private mutating func arrive(_ head: UpstreamHead, _ form: FlightForm, _ woken: inout [ReaderID]) {
        self.head = head
        self.form = form
        wake(&woken) { $0 != .whole }
    }

    private mutating func append(_ more: [FlightPiece], isUnderPressure: Bool, _ woken: inout [ReaderID]) {
        if pieces.isEmpty { pieces = more } else { pieces += more }
        bytes += more.reduce(0) { $0 + $1.bytes.readableBytes }
        if isUnrecorded { cutOffSlowReaders(isUnderPressure ? min(backlog, Self.backlogUnderPressure) : backlog) }
        wake(&woken) { $0 == .pieces }
    }

    private mutating func stopRecording(_ woken: inout [ReaderID]) {
        guard !isUnrecorded else { return }
        isUnrecorded = true
        wake(&woken) { _ in true }
    }

    private mutating func end(_ ending: FlightEnding, _ woken: inout [ReaderID]) {
        guard self.ending == nil else { return }
        self.ending = ending
        isClosed = true
        wake(&woken) { _ in true }
    }

    private mutating func wake(_ woken: inout [ReaderID], _ isWoken: (FlightInterest) -> Bool) {
        for id in readers.indices {
            guard let interest = readers[id]?.awaits, isWoken(interest) else { continue }
            readers[id]?.awaits = nil
            if woken.isEmpty { woken = [id] } else { woken.append(id) }
        }
    }

    // MARK: Answers that are not recorded

    /// Drops the pieces that every reader has read.
    private mutating func trim() {
        guard isUnrecorded else { return }
        let positions = readers.lazy.compactMap { $0 }.filter { !$0.isCutOff }.map(\.position)
        let least = positions.min() ?? dropped + pieces.count
        let count = min(max(0, least - dropped), pieces.count)
        guard count > 0 else { return }
        bytes -= pieces[..<count].reduce(0) { $0 + $1.bytes.readableBytes }
        pieces.removeFirst(count)
        dropped += count
    }

    /// Cuts off readers that lag too far while others read on, so that a slow reader does not hold up the others.
    private mutating func cutOffSlowReaders(_ backlog: Int) {
        trim()
        guard bytes > backlog, hasReader(where: { !$0.isSuspended && !$0.isCutOff }) else { return }
        for id in readers.indices {
            guard let reader = readers[id], reader.isSuspended, reader.position == dropped else { continue }
            readers[id]?.isCutOff = true
        }
        trim()
    }
}
