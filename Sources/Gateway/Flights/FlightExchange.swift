import NIOCore
import ResponseCache
import Upstream

/// A client that waits for the answer of a flight, whether it led or follows: gets it in the form that it wants, at the pace
/// at which it reads. Bound to the connection's event loop.
final class FlightExchange {
    /// What becomes of the answer.
    private enum Course {
        /// The head has not come.
        case waiting
        /// The answer is complete before anything of it is sent: it is to be told whether it is stored, or to be converted.
        case holding
        /// The head has been sent, and what comes is passed on.
        case relaying(BodyFraming)
        case over
    }

    private let connection: Connection
    private let worker: Worker
    private let wish: AnswerWish
    private var isFollower = false
    private let key: CacheKey
    /// Why the request was not answered from the cache.
    private var status: CacheStatus
    /// For an answer that cannot be had by waiting: the request, and whom to ask.
    private let request: UpstreamRequest
    private let group: ModelGroup
    private var seat: (flight: Flight, id: Flight.RiderID)?
    /// What was cached before, to be served if the model fails before anything of its answer was sent.
    private var stale: KeptAnswer?
    private var course = Course.waiting
    /// Whether what is passed on is an event stream.
    private var isEventStream = false
    private var isReading = false

    init(
        connection: Connection,
        wish: AnswerWish,
        key: CacheKey,
        request: UpstreamRequest,
        group: ModelGroup,
        status: CacheStatus
    ) {
        self.connection = connection
        self.worker = connection.worker
        self.wish = wish
        self.key = key
        self.status = status
        self.request = request
        self.group = group
    }

    /// Takes its seat. What has come so far is sent at once.
    ///
    /// - Parameter stale: what was found in the cache past its time.
    func begin(_ flight: Flight, _ id: Flight.RiderID, isFollower: Bool, stale: CacheHit?) {
        self.stale = stale.map { flight.share($0, worker.memory) }
        self.isFollower = isFollower
        status.isCollapsed = isFollower
        seat = (flight, id)
        connection.attach(self)
        readOn()
    }

    // MARK: Reading

    /// There may be more to read, or the client takes more.
    func readOn() {
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        while let seat {
            let reading = seat.flight.read(seat.id, appetite)
            if reading.isCutOff { return leave { $0.cutOff() } }
            switch course {
            case .waiting:
                if let head = reading.head {
                    if head.isFailure, answerStale() { return }
                    decide(head, reading)
                    continue
                }
                if let ending = reading.ending { endUnseen(ending) }
            case .holding: held(reading)
            case .relaying(let framing): if relay(reading, framing) { continue }
            case .over: break
            }
            return
        }
    }

    private var appetite: FlightAppetite {
        switch course {
        case .waiting: .head
        case .holding: .whole
        case .relaying, .over: .pieces
        }
    }

    private func decide(_ head: UpstreamHead, _ reading: FlightState.Reading) {
        switch (reading.form, wish.isStream) {
        // Bytes that came for a stream are no answer in one piece.
        case (.other, false) where isFollower && head.status == 200: askAlone()
        case (.other, _), (.stream, true): beginRelay(head, reading.form)
        case (.json, false) where reading.isOverlong: beginRelay(head, reading.form)
        case (.json, _), (.stream, false): course = .holding
        }
    }

    // MARK: Passing on

    private func beginRelay(_ head: UpstreamHead, _ form: FlightForm) {
        isEventStream = form == .stream
        let length = isEventStream ? nil : head.contentLength
        let framing = BodyFraming.of(length: length, isHTTP10: connection.isHTTP10)
        let writer = connection.respond(head.status)
        if isEventStream, !head.isEventStream {
            writer.fields(of: head, contentType: "text/event-stream")
        } else {
            writer.fields(of: head)
        }
        writer.cacheStatus(status)
        framing.writeField(to: writer)
        connection.send(writer.end())
        course = .relaying(framing)
    }

    /// - Returns: whether there is more to read at once.
    private func relay(_ reading: FlightState.Reading, _ framing: BodyFraming) -> Bool {
        for piece in reading.pieces where piece.kind != .usage || wish.includesUsage {
            connection.send(body: piece.bytes, framing: framing)
        }
        switch reading.ending {
        case nil:
            connection.flush()
            if connection.takesMore { return reading.hasMore }
            if let seat { seat.flight.stall(seat.id) }
        case .complete, .incomplete: leave { $0.finish(framing: framing) }
        case .failed(let error):
            leave { [isEventStream] connection in
                // The OpenAI clients raise what such an event says; the missing end tells everybody else.
                if isEventStream { connection.send(event: APIError(error), framing: framing) }
                connection.cutOff()
            }
        }
        return false
    }

    // MARK: An answer that was held

    private func held(_ reading: FlightState.Reading) {
        guard let ending = reading.ending else {
            if reading.isOverlong { giveUpWaiting(reading) }
            return
        }
        guard let head = reading.head else { return endUnseen(ending) }
        let isStored: Bool
        switch ending {
        case .complete(let stored): isStored = stored
        case .incomplete: return streamFailed(head, reading)
        case .failed: return endUnseen(ending)
        }
        status.isStored = isStored && !isFollower
        switch (reading.form, wish.isStream) {
        case (.json, true):
            let body = reading.pieces.joined
            // Of those who follow hardly two want it the same way: usage or none.
            guard let events = body.events(includesUsage: wish.includesUsage, with: worker.document) else {
                return answer(head, body, contentType: nil)
            }
            answer(head, events, contentType: "text/event-stream")
        case (.stream, false):
            let document = worker.document
            guard let body = seat?.flight.converted({ reading.pieces.answer(with: document) }) else {
                // For this request alone the model may answer in one piece.
                if isFollower { return askAlone() }
                if answerStale() { return }
                let error = UpstreamError(.protocolViolation, "the model's stream is no answer")
                return leave { [status] in $0.answer(APIError(error), status: status) }
            }
            answer(head, body, contentType: "application/json")
        default: answer(head, reading.pieces.joined, contentType: nil)
        }
    }

    /// The answer is too long to be kept until it is whole.
    private func giveUpWaiting(_ reading: FlightState.Reading) {
        guard reading.form == .json, !wish.isStream, let head = reading.head else { return askAlone() }
        beginRelay(head, reading.form)
        isReading = false
        readOn()
    }

    /// The answer cannot be had in the form that is wanted: this client gets a call of its own.
    private func askAlone() {
        guard let seat else { return }
        self.seat = nil
        course = .over
        seat.flight.leave(seat.id)
        var status = status
        status.isCollapsed = false
        status.isStored = false
        let fallback = stale.map { FallbackAnswer($0, key: key, wish: wish, memory: worker.memory) }
        stale = nil
        InferenceExchange(connection: connection, status: status, fallback: fallback).begin(request, to: group)
    }

    /// The model's stream is not whole, and nothing of it has been sent: half an answer is none.
    private func streamFailed(_ head: UpstreamHead, _ reading: FlightState.Reading) {
        let failure = StreamFailure(of: reading.pieces, with: worker.document)
        if failure.isUnreadable, isFollower { return askAlone() }
        if ModelFailure.isFailure(status: failure.status), answerStale() { return }
        answer(head, failure.body, status: failure.status, contentType: "application/json")
    }

    /// Nothing of the answer has been sent.
    private func endUnseen(_ ending: FlightEnding) {
        if answerStale() { return }
        let status = status
        switch ending {
        case .failed(let error): leave { $0.answer(APIError(error), status: status) }
        case .complete, .incomplete:
            leave { $0.answer(.internalFailure("The model's answer had no head."), status: status) }
        }
    }

    /// Serves what was cached before, since the model has failed and nothing of its answer was sent.
    ///
    /// - Returns: false, with nothing sent, where that cannot be done.
    private func answerStale() -> Bool {
        guard let stale, let seat else { return false }
        self.stale = nil
        let before = course
        course = .over
        self.seat = nil
        guard connection.answer(stale, key: key, wish: wish) else {
            course = before
            self.seat = seat
            return false
        }
        seat.flight.leave(seat.id)
        return true
    }

    private func answer(_ head: UpstreamHead, _ body: ByteBuffer, status code: Int? = nil, contentType: String?) {
        let writer = connection.respond(code ?? head.status)
        if let contentType {
            writer.fields(of: head, contentType: contentType)
        } else {
            writer.fields(of: head)
        }
        writer.cacheStatus(status)
        writer.contentLength(body.readableBytes)
        guard body.readableBytes <= Connection.uncountedAnswer else {
            connection.send(writer.end())
            return leave { $0.answer(body) }
        }
        var response = writer.end(room: body.readableBytes)
        response.writeImmutableBuffer(body)
        leave { $0.answer(response) }
    }

    /// Leaves the flight; the answer is complete with what `body` does.
    private func leave(_ body: (Connection) -> Void) {
        course = .over
        if let seat {
            self.seat = nil
            seat.flight.leave(seat.id)
        }
        body(connection)
    }
}

extension FlightExchange: Exchange {
    func clientGone() {
        course = .over
        guard let seat else { return }
        self.seat = nil
        seat.flight.leave(seat.id)
    }

    func cutOff(by error: APIError) {
        guard case .relaying(let framing) = course, isEventStream else { return }
        connection.send(event: error, framing: framing)
    }

    /// That it takes no more is noticed where that is written.
    func clientTakesMore(_ takesMore: Bool) {
        guard takesMore, case .relaying = course else { return }
        readOn()
    }
}
