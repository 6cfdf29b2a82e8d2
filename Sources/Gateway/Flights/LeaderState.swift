import Configuration
import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// What the leader of a flight does with the model's answer. The state determines the form of the answer, whether it is
/// still recorded, when it is stored, what is published to the readers, and when the call is cancelled because the
/// answer is no longer needed. It is a value.
struct LeaderState: ~Copyable {
    enum Action {
        case none
        /// The answer will not be recorded. Remove the flight from the table, and cancel the call where no reader waits
        /// for it.
        case stopRecording
        /// Store the stream, and call `stored`.
        case storeStream(StreamRecording)
        /// Store the body, and call `stored`.
        case storeBody(ByteBuffer)
        /// Remove the flight from the table, because the answer is now in the cache.
        case leaveTable
        case pauseCall
        case resumeCall
        /// The answer is no longer needed. Cancel the call, unless a reader has joined in the meantime.
        case cancelIfEmpty
    }

    /// What the leader knows about the request.
    struct Conditions {
        /// How the call's streams are read. Where it is nil, a stream is passed on as it is.
        let stream: StreamForm?
        /// The size of the largest answer that is recorded.
        let sizeLimit: Int
        /// What is done with an answer that no reader waits for any more.
        let onDisconnect: CacheSettings.OnDisconnect
        /// Whether no reader waited for the answer at the beginning, because it is fetched for the cache.
        let isRefresh: Bool
        /// Whether the model is asked for a stream.
        let asksForStream: Bool
        /// Whether the model is asked for the usage of a stream.
        let asksForUsage: Bool
        /// When the model was asked.
        let began: NIODeadline
        /// Whether an answer that states no type is not recorded, because it need not be JSON.
        var needsType = false
        /// Whether it is read from the answer what it has cost.
        var countsTokens = true
    }

    private let conditions: Conditions
    private let document: JSONDocument
    private var head: UpstreamHead?
    private var form = FlightForm.other
    /// The first bytes of an answer, while it is not yet known whether it is a stream.
    private var opening: AnswerOpening?
    /// The events of a stream.
    private var stream: StreamIntake?
    /// The body of an answer in one piece.
    private var body = ByteBuffer()
    /// What has arrived since the last update was published.
    private var update = FlightUpdate()
    /// What the answer has cost is at its end. It is nil where that does not matter.
    private var tail: AnswerTail?
    /// What came of storing the answer, or why it was not offered to the cache.
    private var storing: StoreDecision?
    /// The tokens that the answer has cost, as they were stored with it.
    private var cost: TokenUsage?
    /// Whether the stream was handed to the cache, which may have refused it.
    private var isOffered = false
    /// The number of bytes of the body that have arrived.
    private(set) var received = 0
    /// Whether the answer will not be recorded, because it is an error, it is too long, or there is no memory for it.
    private(set) var isUnrecorded = false
    /// Whether the call has ended or was cancelled.
    private(set) var isOver = false

    /// - Parameter document: the scratch document of the event loop.
    init(_ conditions: Conditions, document: JSONDocument) {
        self.conditions = conditions
        self.document = document
        if conditions.countsTokens { tail = AnswerTail() }
    }

    // MARK: The head and the form

    mutating func receive(_ head: UpstreamHead) -> Action {
        self.head = head
        if head.status != 200 { return begin(head, .other) }
        if head.isEventStream { return begin(head, .stream) }
        if !conditions.asksForStream || head.isJSON { return begin(head, .json) }
        opening = AnswerOpening(length: head.contentLength)
        return .none
    }

    /// Begins the answer, whose form is now known.
    private mutating func begin(_ head: UpstreamHead, _ form: FlightForm) -> Action {
        let isUntyped = conditions.needsType && head.fields.contentType == nil
        let form = form == .stream && conditions.stream == nil || isUntyped ? .other : form
        self.form = form
        if form == .stream, let streamForm = conditions.stream {
            stream = StreamIntake(
                streamForm,
                usageIsAsked: conditions.asksForUsage,
                began: conditions.began,
                limit: conditions.sizeLimit,
                document: document
            )
        }
        update.head = (head, form)
        let isTooLong = head.contentLength ?? 0 > conditions.sizeLimit
        // An answer of another model than the one that the key names is for those who wait for it, and for nobody else.
        if head.isFromFallback { return stopRecording(.fallback) }
        if form == .other { return stopRecording(head.status == 200 ? .unexpected : .notSuccessful) }
        return isTooLong ? stopRecording(.tooLarge) : .none
    }

    /// Determines the form of the answer from its first bytes.
    ///
    /// - Returns: the bytes to take in. The result is nil where the form is not known yet.
    mutating func recognize(_ bytes: ByteBuffer) -> (bytes: ByteBuffer, action: Action)? {
        guard opening != nil, let head else { return (bytes, .none) }
        guard let (form, whole) = opening?.take(bytes) else { return nil }
        opening = nil
        return (whole, begin(head, form))
    }

    /// Determines the form of an answer that has ended. If it is not known to be a stream by then, it is an answer in
    /// one piece.
    mutating func recognizeRest() -> (bytes: ByteBuffer, action: Action)? {
        guard let opening, let head else { return nil }
        self.opening = nil
        return (opening.rest, begin(head, .json))
    }

    // MARK: The body

    /// Counts bytes that have arrived, before they are taken in.
    mutating func count(_ size: Int) -> Action {
        received += size
        return received > conditions.sizeLimit ? stopRecording(.tooLarge) : .none
    }

    /// Returns how much memory a number of recorded bytes needs. The events of a stream are held for readers that join
    /// later, in buffers of up to twice their size, and once more in the recording.
    func memory(for size: Int) -> Int { stream == nil ? size : 3 * size }

    /// Stops recording, because there is no memory for it.
    mutating func memoryRefused() -> Action { stopRecording(.noMemory) }

    /// Takes bytes in.
    ///
    /// - Returns: how many bytes of memory that takes in addition to the bytes themselves.
    mutating func take(_ bytes: ByteBuffer, isUnderPressure: Bool, at now: NIODeadline) -> Int {
        if isUnrecorded { update.isUnderPressure = isUnderPressure }
        tail?.take(bytes)
        if let stream {
            let pieces = stream.take(bytes, at: now)
            if update.pieces.isEmpty { update.pieces = pieces } else { update.pieces += pieces }
            return pieces.count * FlightPiece.overhead
        }
        if isUnrecorded {
            update.pieces.append(FlightPiece(.chunk, bytes))
        } else if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
        return 0
    }

    /// Completes the step after bytes have been taken in. A stream that is whole is stored before its last event is
    /// published, so that a client that repeats the request at once finds the answer in the cache.
    mutating func settle() -> Action {
        guard let stream else { return .none }
        return stream.isOverlong ? stopRecording(.tooLarge) : storeStream()
    }

    private mutating func stopRecording(_ reason: NotStored) -> Action {
        guard !isUnrecorded else { return .none }
        storing = .notStored(reason)
        isUnrecorded = true
        if body.readableBytes > 0 { update.pieces = [FlightPiece(.chunk, body)] }
        body = ByteBuffer()
        stream?.stopRecording()
        update.isUnrecorded = true
        return .stopRecording
    }

    // MARK: What is published to the readers

    /// Whether to publish what one read from the model returned. A body in one piece is published when it is complete.
    var publishes: Bool { !isOver && opening == nil && (form != .json || isUnrecorded) }

    /// Returns what to publish. Each update is returned only once.
    mutating func takeUpdate() -> FlightUpdate {
        var taken = FlightUpdate()
        swap(&taken, &update)
        return taken
    }

    /// The number of bytes of an event that is not complete.
    var pendingBytes: Int { stream?.pendingBytes ?? 0 }

    // MARK: Storing

    private mutating func storeStream() -> Action {
        guard !isOffered, !isUnrecorded, let recording = stream?.whole else { return .none }
        isOffered = true
        return .storeStream(recording)
    }

    /// The tokens that the answer has cost, once it is whole. It is nil where they are not known.
    var usage: TokenUsage? { head?.status == 200 ? tail?.usage : nil }

    /// Notes what the cache has made of the answer.
    ///
    /// - Parameter usage: the tokens that the answer has cost.
    mutating func stored(_ decision: StoreDecision, _ usage: TokenUsage?) -> Action {
        storing = decision
        cost = usage
        return isStored && stream != nil ? .leaveTable : .none
    }

    /// Whether the cache has accepted the answer, as Cache-Status reports it.
    private var isStored: Bool { storing == .handedOver }

    /// The content type to store the answer with.
    var contentType: String {
        if stream != nil, head?.isEventStream != true { return "text/event-stream" }
        return head?.fields.contentType ?? (stream == nil ? "application/json" : "text/event-stream")
    }

    /// The status to store the answer with.
    var status: Int { head?.status ?? 0 }

    // MARK: The end

    /// Notes that the model's answer has ended. The answer is stored, where it is to be, before `ending` is published.
    mutating func end(at now: NIODeadline) -> Action {
        if let stream {
            if let piece = stream.end(at: now) { update.pieces.append(piece) }
            return storeStream()
        }
        return form == .json && !isUnrecorded ? .storeBody(body) : .none
    }

    /// Notes that the call has failed. A stream whose last event has arrived is nevertheless whole.
    ///
    /// - Returns: the next action. It is nil where the answer is treated as failed.
    mutating func fail(at now: NIODeadline) -> Action? {
        guard let stream else { return nil }
        if !stream.isDone {
            guard let piece = stream.end(at: now), piece.kind == .done else { return nil }
            update.pieces.append(piece)
        }
        return storeStream()
    }

    /// Ends the flight, after `end` or `fail`.
    ///
    /// - Parameter error: why the answer failed. It is nil where the answer has ended normally.
    mutating func finish(_ error: UpstreamError?) {
        isOver = true
        // A stream that is whole and was not offered cannot be stored in a form that serves others.
        if storing == nil, let stream { storing = .notStored(stream.isWhole ? .unusable : .incomplete) }
        update.account = FlightAccount(usage: cost ?? usage, storing: storing)
        if let error {
            update.ending = .failed(error)
        } else if let stream {
            update.ending = stream.isWhole ? .complete(isStored: isStored) : .incomplete
        } else {
            if body.readableBytes > 0 { update.pieces = [FlightPiece(.chunk, body)] }
            update.ending = .complete(isStored: isStored)
        }
    }

    /// Notes that the call was cancelled, because the answer is no longer needed.
    mutating func cancel() {
        isOver = true
    }

    // MARK: What the readers ask for

    /// - Parameters:
    ///   - typical: the typical length and duration of this model's answers.
    ///   - now: the present time, which shows how long this answer has taken.
    func receive(_ signal: LeaderSignal, typical: TypicalAnswer, at now: NIODeadline) -> Action {
        guard !isOver else { return .none }
        switch signal {
        case .pause: return .pauseCall
        case .resume: return .resumeCall
        // The call may have been paused for a client that took no more bytes.
        case .abandoned: return !isUnrecorded && outlivesReaders(typical, now) ? .resumeCall : .cancelIfEmpty
        }
    }

    /// Whether the call continues without readers, for the cache alone. A refresh begins without a client, so it
    /// continues even if readers have joined it and left again.
    private func outlivesReaders(_ typical: TypicalAnswer, _ now: NIODeadline) -> Bool {
        if conditions.isRefresh { return true }
        switch conditions.onDisconnect {
        case .finish: return true
        case .cancel: return false
        case .auto: return typical.isHalf(bytes: received, milliseconds: milliseconds(at: now))
        }
    }

    /// Returns how long the model has taken so far.
    func milliseconds(at now: NIODeadline) -> Int64 { (now - conditions.began).nanoseconds / 1_000_000 }
}
