import Configuration
import NIOCore
import ResponseCache
import Upstream

/// Calls the model for a flight: tells all who ride it what arrives, records it, and stores what is whole.
///
/// Bound to one event loop. It depends on no client: it goes on while anybody waits for the answer, and, where the
/// configuration wants the cache filled, when nobody does any more. The call holds it until its end.
final class FlightLeader {
    private let worker: Worker
    private let flight: Flight
    private let recording: Recording
    private let group: ModelGroup
    private let began: NIODeadline
    private var call: UpstreamCall?
    private var isOver = false

    /// Whether the model was asked for the usage of a stream.
    private var usageIsAsked = false
    private var head: UpstreamHead?
    private var form = FlightForm.other
    /// A stream was asked for, and it cannot be told yet whether this is one.
    private var opening: AnswerOpening?
    private var isStream = false
    /// Of a stream.
    private var stream: StreamIntake?
    /// Of an answer in one piece.
    private var body = ByteBuffer()
    private var received = 0
    private var isOverlong = false
    /// The recording of a stream was handed to the cache, which may have refused it.
    private var isOffered = false
    private var isStored = false
    /// For the request and what is kept of the answer.
    private var memory: Reservation
    /// What of that is not the answer's.
    private var fixedBytes = 0
    /// Nobody waited for the answer when the model was asked: it is fetched for the cache.
    private let isRefresh: Bool
    /// What has arrived since the riders were told: they are told once for each reading, so that a head and the events
    /// that came with it leave in one write.
    private var news = FlightNews()

    init(
        worker: Worker,
        flight: Flight,
        recording: Recording,
        group: ModelGroup,
        isRefresh: Bool
    ) {
        self.worker = worker
        self.flight = flight
        self.recording = recording
        self.group = group
        self.isRefresh = isRefresh
        self.memory = Reservation(worker.memory)
        began = worker.now()
    }

    func begin(_ request: UpstreamRequest) {
        usageIsAsked = request.includesUsage
        isStream = request.isStream
        fixedBytes = request.body.sourceBytes
        memory.charge(fixedBytes)
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        flight.lead(on: worker.eventLoop) { bound.value.asked($0) }
        let call = worker.upstream.send(request, to: group, receiver: self)
        if !isOver { self.call = call }
    }

    // MARK: What riders ask for

    private func asked(_ request: FlightRequest) {
        guard !isOver else { return }
        switch request {
        case .pause: call?.pauseReading()
        case .resume: call?.resumeReading()
        case .abandoned: abandoned()
        }
    }

    /// Nobody waits for the answer any more.
    private func abandoned() {
        if isWanted, !isOverlong {
            // It may have been paused for a client that took no more.
            call?.resumeReading()
        } else if flight.closeIfEmpty() {
            stop()
        }
    }

    /// Whether the answer is fetched for the cache alone. A refresh never had a client to lose: that somebody joined it and
    /// left again changes nothing.
    private var isWanted: Bool {
        if isRefresh { return true }
        return switch worker.service.onDisconnect {
        case .finish: true
        case .cancel: false
        case .auto: worker.typical(of: group).isHalf(bytes: received, milliseconds: elapsed)
        }
    }

    /// Ends the call to the model, for nobody waits for its answer and nothing of it will be stored.
    private func stop() {
        isOver = true
        worker.service.flights.land(flight)
        call?.cancel()
        call = nil
        memory.release()
    }

    private var elapsed: Int64 { (worker.now() - began).nanoseconds / 1_000_000 }

    // MARK: Telling

    private func tell() {
        var told = FlightNews()
        swap(&told, &news)
        flight.tell(told)
        if isOverlong, !isOver { memory.resize(to: fixedBytes + flight.held + (stream?.pendingBytes ?? 0)) }
    }

    private func end(_ ending: FlightEnding) {
        guard !isOver else { return }
        isOver = true
        call = nil
        worker.service.flights.land(flight)
        news.ending = ending
        tell()
        // Those who have not read all of it hold the rest.
        memory.resize(to: flight.held)
        flight.keep(memory.handOver())
    }

    /// There will be no recording: the answer is an error, too long, or there is no memory for it. It is relayed to those who
    /// wait for it, and ends where nobody does.
    private func stopRecording() {
        guard !isOverlong else { return }
        isOverlong = true
        if body.readableBytes > 0 { news.pieces = [FlightPiece(.chunk, body)] }
        body = ByteBuffer()
        stream?.stopRecording()
        worker.service.flights.land(flight)
        news.isOverlong = true
        if flight.closeIfEmpty() { stop() }
    }

    // MARK: Recording

    /// Just before the last event goes to the clients, so that one who asks again at once finds it.
    private func storeStream() {
        guard !isOffered, !isOverlong, let record = stream?.whole else { return }
        isOffered = true
        isStored = recording.pass.store(
            record,
            contentType: head.flatMap { $0.isEventStream ? $0.fields.first("content-type") : nil }
                ?? "text/event-stream",
            under: recording.key,
            at: worker.instant()
        )
        worker.noteAnswer(of: group, bytes: received, milliseconds: elapsed)
        if isStored { worker.service.flights.land(flight) }
    }

    private func storeBody() {
        guard form == .json, !isOverlong else { return }
        isStored = recording.pass.store(
            body,
            status: head?.status ?? 0,
            contentType: head?.fields.first("content-type") ?? "application/json",
            under: recording.key,
            at: worker.instant()
        )
        worker.noteAnswer(of: group, bytes: received, milliseconds: elapsed)
    }
}

extension FlightLeader: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        self.head = head
        if head.status != 200 {
            begin(.other)
        } else if head.isEventStream {
            begin(.stream)
        } else if !isStream || head.isJSON {
            begin(.json)
        } else {
            opening = AnswerOpening(length: head.contentLength)
        }
    }

    /// What the answer is has become plain.
    private func begin(_ form: FlightForm) {
        guard let head else { return }
        self.form = form
        if form == .stream {
            stream = StreamIntake(
                usageIsAsked: usageIsAsked,
                began: began,
                limit: recording.sizeLimit,
                document: worker.document
            )
        }
        news.head = (head, form)
        if form == .other || head.contentLength ?? 0 > recording.sizeLimit { stopRecording() }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        guard opening != nil else { return take(bytes) }
        guard let (form, whole) = opening?.take(bytes) else { return }
        opening = nil
        begin(form)
        take(whole)
    }

    private func take(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        let size = bytes.readableBytes
        received += size
        if received > recording.sizeLimit { stopRecording() }
        // The events of a stream are held for those who come later, in buffers up to twice as large, and in the recording.
        if !isOverlong, !memory.grow(by: stream == nil ? size : 3 * size, for: .recording) { stopRecording() }
        guard !isOver else { return }
        if isOverlong {
            news.isPressed = !worker.memory.hasRoom(for: size)
            memory.charge(size)
        }
        if let stream {
            let pieces = stream.take(bytes, at: worker.now())
            if news.pieces.isEmpty { news.pieces = pieces } else { news.pieces += pieces }
            let overhead = pieces.count * FlightPiece.overhead
            if !isOverlong, !memory.grow(by: overhead, for: .recording) { stopRecording() }
            if stream.isOverlong { stopRecording() }
            return storeStream()
        }
        if isOverlong {
            news.pieces.append(FlightPiece(.chunk, bytes))
        } else if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    func upstreamReadComplete() {
        guard !isOver, opening == nil else { return }
        // A body in one piece is told with its end.
        if form != .json || isOverlong { tell() }
    }

    func upstreamEnd() {
        if let opening {
            self.opening = nil
            begin(.json)
            take(opening.rest)
        }
        if let stream {
            if let piece = stream.end(at: worker.now()) { news.pieces.append(piece) }
            return endStream()
        }
        storeBody()
        if body.readableBytes > 0 { news.pieces = [FlightPiece(.chunk, body)] }
        end(.complete(isStored: isStored))
    }

    func upstreamFailed(_ error: UpstreamError) {
        guard let stream else { return end(.failed(error)) }
        // It was whole: what was to come behind its end does not matter.
        if stream.isDone { return endStream() }
        if let piece = stream.end(at: worker.now()), piece.kind == .done {
            news.pieces.append(piece)
            return endStream()
        }
        end(.failed(error))
    }

    private func endStream() {
        storeStream()
        end(stream?.isWhole == true ? .complete(isStored: isStored) : .incomplete)
    }
}
