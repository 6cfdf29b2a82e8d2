import NIOCore
import ResponseCache
import Upstream

/// The way in of an inference request: reads it, looks it up, and answers it from the cache or sends it upstream.
///
/// A hit of a backend that answers inline never leaves this call and makes no object of its own.
struct InferenceEntrance {
    let worker: Worker
    let connection: Connection
    let callType: CallType

    /// Answers the request, now or later.
    func enter(_ request: IncomingRequest) {
        guard request.body.readableBytes < LongWork.largeBody else {
            return LargeRequestExchange(self, request).begin()
        }
        let reader = InquiryReader(
            service: worker.service,
            callType: callType,
            document: worker.document,
            keys: worker.keys
        )
        do throws(APIError) {
            try reader.read(request.body, request.fields) { goOn(with: request, $0, $1, $2, $3, $4, $5) }
        } catch {
            connection.answer(error)
        }
        // A body that is not small is not kept until the loop's next request.
        if request.body.readableBytes > Self.keptBody { worker.document.reset() }
    }

    /// Bytes up to which a body may stay in the loop's document.
    private static let keptBody = 64 * 1024

    /// Goes on with a request that was read elsewhere.
    func goOn(with request: IncomingRequest, _ inquiry: Inquiry) {
        goOn(
            with: request,
            inquiry.read,
            inquiry.group,
            inquiry.details,
            inquiry.use,
            inquiry.controls,
            inquiry.caching
        )
    }

    @inline(__always)
    private func goOn(
        with request: IncomingRequest,
        _ read: ReadRequest,
        _ group: ModelGroup,
        _ details: Inquiry.Details,
        _ use: CacheUse,
        _ controls: CacheControls,
        _ caching: Inquiry.Caching
    ) {
        guard let cache = worker.cache else { return forward(upstream(request, read, details), to: group, status: nil) }
        let pass = CachePass(cache: cache, callType: callType, use: use, controls: controls)
        switch caching {
        case .whole(let key): look(up: Recording(pass: pass, key: key), request, read, group, details)
        case .bypassed(let reason, let onlyIfCached):
            let status = CacheStatus(.forwarded(reason))
            if onlyIfCached { return refuse(status) }
            forward(upstream(request, read, details), to: group, status: status)
        case .byInput(let embeddings):
            EmbeddingExchange(
                connection: connection,
                pass: pass,
                group: group,
                upstream: upstream(request, read, details),
                request: embeddings
            )
            .begin()
        }
    }

    // MARK: The cache

    private func look(
        up recording: Recording,
        _ request: IncomingRequest,
        _ read: ReadRequest,
        _ group: ModelGroup,
        _ details: Inquiry.Details
    ) {
        let pass = recording.pass
        let found = pass.cache.lookup(recording.key, use: pass.use, controls: pass.controls, at: worker.instant())
        switch found {
        case .hit(let hit) where !hit.wantsRefresh && !read.stream && hit.form == .json:
            // The usual hit, for which no request to the model is made.
            worker.service.outage.noteHit()
            _ = connection.answer(hit, key: recording.key, wish: AnswerWish(isStream: false, includesUsage: false))
        case .hit(let hit): self.found(.hit(hit), Departure(recording, upstream(request, read, details), group))
        case .stale(let hit): self.found(.stale(hit), Departure(recording, upstream(request, read, details), group))
        case .miss(let miss): self.found(.miss(miss), Departure(recording, upstream(request, read, details), group))
        case .pending(let pending):
            // The scratch of the loop is another request's by then: what goes upstream is settled now.
            let departure = Departure(recording, upstream(request, read, details), group)
            connection.attach(LookupExchange(pending))
            pending.whenDone { [self] in self.found($0, departure) }
        }
    }

    /// What a request needs to go to the model.
    private struct Departure {
        let recording: Recording
        let request: UpstreamRequest
        let group: ModelGroup

        init(_ recording: Recording, _ request: UpstreamRequest, _ group: ModelGroup) {
            self.recording = recording
            self.request = request
            self.group = group
        }

        var wish: AnswerWish { AnswerWish(isStream: request.isStream, includesUsage: request.includesUsage) }
    }

    private func found(_ outcome: LookupOutcome, _ departure: Departure) {
        switch outcome {
        case .hit(let found):
            worker.service.outage.noteHit()
            let wantsRefresh = found.wantsRefresh && departure.recording.pass.use.mayStore
            let hit = wantsRefresh ? found : found.withoutRefresh
            if let miss = connection.answer(hit, key: departure.recording.key, wish: departure.wish) {
                return missed(miss, departure, stale: nil)
            }
            if wantsRefresh { refresh(departure) }
        case .stale(let hit): missed(.expired, departure, stale: hit)
        case .miss(let miss): missed(miss, departure, stale: nil)
        }
    }

    /// - Parameter stale: what was found nevertheless, to be served if the model fails.
    private func missed(_ miss: CacheMiss, _ departure: Departure, stale: CacheHit?) {
        worker.service.outage.note(miss)
        let recording = departure.recording
        if recording.pass.controls.onlyIfCached {
            stale?.release()
            return refuse(miss.cacheStatus)
        }
        let wish = departure.wish
        let exchange = FlightExchange(
            connection: connection,
            wish: wish,
            key: recording.key,
            request: departure.request,
            group: departure.group,
            status: miss.cacheStatus
        )
        let boarding = board(recording, wish, NIOLoopBound(exchange, eventLoop: worker.eventLoop))
        switch boarding {
        case .follows(let flight, let id): exchange.begin(flight, id, isFollower: true, stale: stale)
        case .leads(let flight, let id):
            lead(flight, departure)
            exchange.begin(flight, id, isFollower: false, stale: stale)
        case nil:
            let fallback = stale.map {
                FallbackAnswer($0.kept(), key: recording.key, wish: wish, memory: worker.memory)
            }
            forward(departure.request, to: departure.group, status: miss.cacheStatus, fallback: fallback)
        }
    }

    /// Finds the request a flight; nil: it is to go by itself, and its answer is not stored.
    private func board(
        _ recording: Recording,
        _ wish: AnswerWish,
        _ exchange: NIOLoopBound<FlightExchange>
    ) -> FlightTable.Boarding? {
        let rider = Flight.Rider(eventLoop: worker.eventLoop) { exchange.value.readOn() }
        let flights = worker.service.flights
        switch (recording.pass.use.mayRead, recording.pass.use.mayStore) {
        case (true, true):
            return flights.board(
                recording.key,
                needsUsage: wish.needsUsage,
                givesUsage: wish.givesUsage,
                backlog: recording.sizeLimit,
                rider
            )
        // What must not be stored is not shared either, but what others fetch may be had.
        case (true, false):
            return flights.follow(recording.key, needsUsage: wish.needsUsage, rider).map { .follows($0, $1) }
        // `no-cache`: an answer of its own, which is stored.
        case (false, true):
            let flight = Flight(
                key: recording.key,
                givesUsage: wish.givesUsage,
                backlog: recording.sizeLimit,
                memory: worker.service.memory
            )
            return flight.board(rider).map { .leads(flight, $0) }
        case (false, false): return nil
        }
    }

    private func lead(_ flight: Flight, _ departure: Departure, isRefresh: Bool = false) {
        FlightLeader(
            worker: worker,
            flight: flight,
            recording: departure.recording,
            group: departure.group,
            isRefresh: isRefresh
        )
        .begin(departure.request)
    }

    /// Fetches anew what was served past its time, unless that is being done already.
    private func refresh(_ departure: Departure) {
        let flight = worker.service.flights.refresh(
            departure.recording.key,
            givesUsage: departure.wish.givesUsage,
            backlog: departure.recording.sizeLimit
        )
        guard let flight else { return }
        lead(flight, departure, isRefresh: true)
    }

    private func refuse(_ status: CacheStatus) {
        var status = status
        status.detail = status.detail ?? "only-if-cached"
        connection.answer(.onlyIfCached, status: status)
    }

    // MARK: Upstream

    private func upstream(
        _ request: IncomingRequest,
        _ read: ReadRequest,
        _ details: Inquiry.Details
    ) -> UpstreamRequest {
        var body = RequestBody(request.body, modelLiteral: read.modelLiteral)
        for cut in read.cuts { body.replace(cut, with: ByteBuffer()) }
        return UpstreamRequest(
            kind: callType.upstreamKind,
            body: body,
            isStream: read.stream,
            headers: request.fields.forwarded,
            inputCount: details.inputCount,
            includesUsage: details.includesUsage
        )
    }

    private func forward(
        _ request: UpstreamRequest,
        to group: ModelGroup,
        status: CacheStatus?,
        fallback: FallbackAnswer? = nil
    ) {
        InferenceExchange(connection: connection, status: status, fallback: fallback).begin(request, to: group)
    }
}

/// A request whose look-up is under way.
final class LookupExchange: Exchange {
    private let pending: PendingLookup

    init(_ pending: PendingLookup) {
        self.pending = pending
    }

    func clientGone() {
        pending.cancel()
    }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension CallType {
    var upstreamKind: UpstreamCallKind {
        switch self {
        case .completion: .chatCompletions
        case .textCompletion: .completions
        case .embedding: .embeddings
        }
    }
}
