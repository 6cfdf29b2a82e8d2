import NIOCore
import ResponseCache
import Spelling
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
    func begin(_ flight: Flight, _ id: Flight.RiderID, isFollower: Bool) {
        self.isFollower = isFollower
        status.isCollapsed = isFollower
        seat = (flight, id)
        connection.attach(self)
        readOn()
    }

    // MARK: Reading

    /// There may be more to read, or the client takes more.
    func readOn() {
        guard !isReading, let seat else { return }
        isReading = true
        defer { isReading = false }
        while true {
            let reading = seat.flight.read(seat.id, appetite)
            if reading.isCutOff { return leave { $0.cutOff() } }
            switch course {
            case .waiting:
                if let head = reading.head {
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
        case (.other, _), (.stream, true): beginRelay(head)
        case (.json, false) where reading.isOverlong: beginRelay(head)
        case (.json, _), (.stream, false): course = .holding
        }
    }

    // MARK: Passing on

    private func beginRelay(_ head: UpstreamHead) {
        let length = wish.isStream && head.isEventStream ? nil : head.contentLength
        let framing = BodyFraming.of(length: length, isHTTP10: connection.isHTTP10)
        let writer = connection.respond(head.status)
        writer.fields(of: head)
        writer.cacheStatus(status)
        framing.writeField(to: writer)
        connection.send(writer.end())
        course = .relaying(framing)
        isEventStream = head.isEventStream
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
        case .complete: leave { $0.finish(framing: framing) }
        case .failed(let error):
            leave { connection in
                // The OpenAI clients raise what such an event says; the missing end tells everybody else.
                if reading.form == .stream { connection.send(event: APIError(error), framing: framing) }
                connection.cutOff()
            }
        case .stale: leave { $0.cutOff() }
        }
        return false
    }

    // MARK: An answer that was held

    private func held(_ reading: FlightState.Reading) {
        guard let ending = reading.ending else {
            if reading.isOverlong { giveUpWaiting(reading) }
            return
        }
        guard case .complete(let isStored) = ending, let head = reading.head else { return endUnseen(ending) }
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
                let error = UpstreamError(.protocolViolation, "the model's stream is no answer")
                return leave { [status] in $0.answer(APIError(error), status: status) }
            }
            answer(head, body, contentType: "application/json")
        default: answer(head, reading.pieces.joined, contentType: nil)
        }
    }

    /// The answer is too long to be kept until it is whole.
    private func giveUpWaiting(_ reading: FlightState.Reading) {
        guard reading.form == .json, !wish.isStream, let head = reading.head else {
            // It cannot be had in the other form any more: this client gets a call of its own.
            guard let seat else { return }
            self.seat = nil
            course = .over
            seat.flight.leave(seat.id)
            var status = status
            status.isCollapsed = false
            return InferenceExchange(connection: connection, status: status).begin(request, to: group)
        }
        beginRelay(head)
        isReading = false
        readOn()
    }

    /// Nothing of the answer has been sent.
    private func endUnseen(_ ending: FlightEnding) {
        let status = status
        switch ending {
        case .failed(let error): leave { $0.answer(APIError(error), status: status) }
        case .stale(let kept):
            let hit = kept.hit(at: worker.instant())
            leave { [wish, key] connection in
                guard connection.answer(hit, key: key, wish: wish, insists: true) != nil else { return }
                connection.answer(.internalFailure("The cached answer could not be read."), status: status)
            }
        case .complete: leave { $0.answer(.internalFailure("The model's answer had no head."), status: status) }
        }
    }

    private func answer(_ head: UpstreamHead, _ body: ByteBuffer, contentType: String?) {
        let writer = connection.respond(head.status)
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
