import ContentCoding
import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// Reads an inference request, looks it up, and answers it from the cache or sends it to the model, as `RequestState`
/// decides.
///
/// A hit of a backend that answers inline never leaves this call and allocates no object.
struct InferenceEntrance {
    let worker: Worker
    let connection: Connection
    let call: ServedCall
    /// The model that the request names in its path. It is nil where it does so in its body.
    let pathModel: String?

    /// Answers the request, now or later.
    func enter(_ request: IncomingRequest) {
        if let codings = request.fields.contentEncoding { return decode(request, codings) }
        guard request.body.readableBytes < LongWork.largeBody else {
            return enterLater(request)
        }
        let tenant = connection.tenant
        let reader = InquiryReader(
            generation: worker.generation,
            call: call,
            pathModel: pathModel,
            tenant: tenant,
            tenantMaterials: tenant == nil ? nil : worker.tenantMaterials,
            document: worker.document,
            keys: worker.loop.keys
        )
        do throws(APIError) {
            try reader.read(request.body, request.fields) { goOn(with: request, $0, $1, $2, $3, $4, $5) }
        } catch {
            connection.answer(error)
        }
        // A body that is not small is not kept until the loop's next request.
        if request.body.readableBytes > Self.keptBody { worker.document.reset() }
    }

    /// Decodes the body first, so that the key and the model see what the client has coded.
    private func decode(_ request: IncomingRequest, _ codings: String) {
        guard let coding = ContentCoding(field: codings) else { return connection.answer(.unsupportedCoding(codings)) }
        DecodingExchange(worker: worker, connection: connection, request: request, coding: coding) { enter($0) }
            .begin()
    }

    /// Has a large body read on another thread.
    private func enterLater(_ request: IncomingRequest) {
        let (generation, call, pathModel) = (worker.generation, call, pathModel)
        let (body, fields, tenant) = (request.body, request.fields, connection.tenant)
        LargeRequestExchange(worker: worker, connection: connection, size: body.readableBytes) { inquiry in
            goOn(with: request, inquiry)
        }
        .begin { InquiryReader.readAlone(body, fields, call, pathModel, tenant, generation) }
    }

    /// The size of the largest body that stays in the loop's document, in bytes.
    private static let keptBody = 64 * 1024

    /// Continues with a request whose body was read on another thread.
    func goOn(with request: IncomingRequest, _ inquiry: Inquiry) {
        inquiry.pass { goOn(with: request, $0, $1, $2, $3, $4, $5) }
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
        connection.note { $0.group = group }
        if let object = details.continuedObject, let tenant = connection.tenant {
            let inquiry = Inquiry(
                read: read,
                group: group,
                details: details,
                use: use,
                controls: controls,
                caching: caching
            )
            return verify(object, of: tenant, request, inquiry)
        }
        proceed(with: request, read, group, details, use, controls, caching)
    }

    /// Goes on with a request that continues what the provider keeps, if that is known to be the tenant's.
    private func verify(_ object: [UInt8], of tenant: Tenant, _ request: IncomingRequest, _ inquiry: Inquiry) {
        let isLookedUp = !tenant.isShared && worker.owner(of: object) == nil
        worker.lookUp(origins: isLookedUp ? [object] : [], for: connection) { [self] in
            let owner = worker.owner(of: object)
            guard owner.map({ $0.utf8.elementsEqual(tenant.cacheTenant.utf8) }) ?? tenant.isShared else {
                return connection.answer(.unknownPrevious(object))
            }
            inquiry.pass { proceed(with: request, $0, $1, $2, $3, $4, $5) }
        }
    }

    @inline(__always)
    private func proceed(
        with request: IncomingRequest,
        _ read: ReadRequest,
        _ group: ModelGroup,
        _ details: Inquiry.Details,
        _ use: CacheUse,
        _ controls: CacheControls,
        _ caching: Inquiry.Caching
    ) {
        guard let cache = worker.cache else { return forward(upstream(request, read, details), to: group, status: nil) }
        let pass = CachePass(cache: cache, call: call, use: use, controls: controls)
        switch caching {
        case .whole(let key): lookUp(CacheAccess(pass: pass, key: key), request, read, group, details)
        case .bypassed(let reason, let detail, let onlyIfCached):
            connection.explain("the cache has no part in the request: \(detail?.description ?? "\(reason)")")
            let state = RequestState(use: use, onlyIfCached: onlyIfCached)
            switch state.bypass(reason, detail) {
            case .refuse(let status): connection.answer(.onlyIfCached, status: status)
            case .send(_, let status): forward(upstream(request, read, details), to: group, status: status)
            }
        case .byInput(let embeddings):
            EmbeddingExchange(
                worker: worker,
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

    private func lookUp(
        _ access: CacheAccess,
        _ request: IncomingRequest,
        _ read: ReadRequest,
        _ group: ModelGroup,
        _ details: Inquiry.Details
    ) {
        let outcome: LookupOutcome
        let now = worker.instant()
        connection.note { $0.lookupBegan = now.monotonic }
        switch access.pass.cache.lookup(access.key, use: access.pass.use, controls: access.pass.controls, at: now) {
        case .done(.hit(let hit)) where !hit.wantsRefresh && !read.isStream && hit.form == .json:
            // The usual hit, for which no request to the model is made.
            worker.generation.outage.noteHit()
            _ = worker.answer(
                connection,
                from: hit,
                access,
                requested: RequestedForm(isStream: false, includesUsage: false)
            )
            return
        case .done(let found): outcome = found
        case .pending(let pending):
            // Another request may use the loop's scratch space by then, so the upstream request is prepared now.
            let forwarded = self.forwarded(access, request, read, group, details)
            connection.attach(LookupExchange(pending))
            pending.whenDone { [self] in take($0, forwarded) }
            return
        }
        take(outcome, forwarded(access, request, read, group, details))
    }

    private func forwarded(
        _ access: CacheAccess,
        _ request: IncomingRequest,
        _ read: ReadRequest,
        _ group: ModelGroup,
        _ details: Inquiry.Details
    ) -> ForwardedRequest {
        ForwardedRequest(
            access: access,
            request: upstream(request, read, details),
            group: group,
            tenant: connection.tenant
        )
    }

    /// Continues with the result of the look-up.
    private func take(_ outcome: LookupOutcome, _ forwarded: ForwardedRequest) {
        connection.note { $0.lookupEnded = worker.now() }
        let state = RequestState(
            use: forwarded.access.pass.use,
            onlyIfCached: forwarded.access.pass.controls.onlyIfCached
        )
        switch outcome {
        case .hit(let found):
            worker.generation.outage.noteHit()
            let refreshes = state.find(wantsRefresh: found.wantsRefresh)
            let hit = refreshes ? found : found.withoutRefresh
            if let miss = worker.answer(
                connection,
                from: hit,
                forwarded.access,
                requested: forwarded.requested
            ) {
                return send(forwarded, miss, state, stale: nil)
            }
            if refreshes { refresh(forwarded) }
        case .stale(let hit): send(forwarded, .expired, state, stale: hit)
        case .miss(let miss): send(forwarded, miss, state, stale: nil)
        }
    }

    // MARK: The model

    /// Sends a request for which the cache has no answer to the model, unless the client accepts only an answer from
    /// the cache.
    ///
    /// - Parameter stale: a stale answer that was found, to be served if the model fails.
    private func send(_ forwarded: ForwardedRequest, _ miss: CacheMiss, _ state: RequestState, stale: CacheHit?) {
        worker.generation.outage.note(miss)
        connection.explain("the cache has no answer that the request accepts: \(miss.cacheStatus.reason)")
        switch state.miss(miss) {
        case .refuse(let status):
            connection.explain("the request is not sent to a model, as it says only-if-cached")
            stale?.release()
            connection.answer(.onlyIfCached, status: status)
        case .send(let forwarding, let status):
            let exchange = FlightExchange(worker: worker, connection: connection, forwarded: forwarded, status: status)
            switch join(forwarded, forwarding, NIOLoopBound(exchange, eventLoop: worker.eventLoop)) {
            case .follows(let flight, let id):
                connection.explain("the request waits for the call of an identical one")
                connection.trace?.followed = flight.trace
                exchange.begin(flight, id, isFollower: true, stale: stale)
            case .leads(let flight, let id):
                connection.explain("the request leads a call to model '\(forwarded.group.name)'")
                lead(flight, forwarded, isRefresh: false)
                exchange.begin(flight, id, isFollower: false, stale: stale)
            case nil:
                connection.explain("the request gets a call of its own, whose answer is not stored")
                relay(forwarded, status, stale: stale)
            }
        }
    }

    /// Finds or creates a flight for the request.
    ///
    /// - Returns: the flight. It is nil where the request gets its own call, whose answer is not stored.
    private func join(
        _ forwarded: ForwardedRequest,
        _ forwarding: RequestState.Forwarding,
        _ exchange: NIOLoopBound<FlightExchange>
    ) -> FlightTable.Role? {
        let reader = Flight.Reader(eventLoop: worker.eventLoop) { exchange.value.readOn() }
        let flights = worker.generation.flights
        switch forwarding {
        case .join:
            return flights.join(
                forwarded.access.key,
                facts(of: forwarded),
                needsUsage: forwarded.requested.needsUsage,
                givesUsage: forwarded.requested.givesUsage,
                backlog: forwarded.access.sizeLimit,
                trace: connection.trace?.context,
                reader
            )
        case .follow:
            return flights.follow(forwarded.access.key, needsUsage: forwarded.requested.needsUsage, reader).map {
                .follows($0, $1)
            }
        case .leadAlone:
            let flight = Flight(
                key: forwarded.access.key,
                facts: facts(of: forwarded),
                givesUsage: forwarded.requested.givesUsage,
                backlog: forwarded.access.sizeLimit,
                memory: worker.generation.resources.memory
            )
            return flight.join(reader).map { .leads(flight, $0) }
        case .relay: return nil
        }
    }

    /// What purges can name of a call that begins now.
    private func facts(of forwarded: ForwardedRequest) -> CallFacts {
        let tags = forwarded.access.pass.controls.tags
        return worker.generation.facts(of: forwarded.group, forwarded.tenant, tags: tags, at: worker.instant())
    }

    private func lead(_ flight: Flight, _ forwarded: ForwardedRequest, isRefresh: Bool) {
        FlightLeader(worker: worker, flight: flight, forwarded: forwarded, isRefresh: isRefresh).begin()
    }

    /// Refreshes a stale answer that was served, unless that is already being done.
    private func refresh(_ forwarded: ForwardedRequest) {
        let flight = worker.generation.flights.refresh(
            forwarded.access.key,
            facts(of: forwarded),
            givesUsage: forwarded.requested.givesUsage,
            backlog: forwarded.access.sizeLimit
        )
        guard let flight else { return }
        lead(flight, forwarded, isRefresh: true)
    }

    private func relay(_ forwarded: ForwardedRequest, _ status: CacheStatus, stale: CacheHit?) {
        let stale = stale.map {
            StaleAnswer(
                $0.kept(),
                forwarded.access,
                requested: forwarded.requested,
                memory: worker.memory
            )
        }
        forward(forwarded.request, to: forwarded.group, status: status, stale: stale)
    }

    private func upstream(
        _ request: IncomingRequest,
        _ read: ReadRequest,
        _ details: Inquiry.Details
    ) -> UpstreamRequest {
        var body: RequestBody
        var contentType: [UInt8]?
        switch read.modelPlace {
        case .literal(let range): body = RequestBody(request.body, modelLiteral: range)
        case .missing(let end, let hasMembers):
            body = RequestBody(request.body, modelLiteral: nil)
            body.appendModel(at: end, afterMembers: hasMembers)
        case .none: body = RequestBody(request.body, modelLiteral: nil)
        case .form(let range):
            body = RequestBody(request.body, modelLiteral: nil)
            if let range { body.replaceModel(range) }
            contentType = request.fields.contentType.map { Array($0.utf8) }
        }
        for cut in read.cuts { body.replace(cut, with: ByteBuffer()) }
        var upstream = UpstreamRequest(
            callType: call.type,
            id: request.id,
            body: body,
            contentType: contentType,
            isStream: read.isStream,
            headers: request.fields.forwarded,
            account: details.continuedObject.flatMap { account(of: $0) },
            inputCount: details.inputCount,
            includesUsage: details.includesUsage
        )
        upstream.trace = connection.trace
        return upstream
    }

    /// Returns the account that has an object, if that is known.
    private func account(of object: [UInt8]) -> String? {
        worker.generation.resources.issuedIDs.origin(of: object)?.account
    }

    private func forward(
        _ request: consuming UpstreamRequest,
        to group: ModelGroup,
        status: CacheStatus?,
        stale: StaleAnswer? = nil
    ) {
        RelayExchange(
            worker: worker,
            connection: connection,
            endMarks: call.endMarks,
            status: status,
            stale: stale,
            origin: call.answer.describesKeptObject
                ? worker.originNote(model: group.name, tenant: connection.tenant) : nil
        )
        .begin(
            request,
            to: group
        )
    }
}

/// A request that waits for the cache's answer.
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
