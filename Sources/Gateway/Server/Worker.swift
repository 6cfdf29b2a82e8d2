import Deadlines
import Glibc
import JSON
import Logging
import NIOCore
import ResponseCache
import Upstream

/// Everything that one event loop needs to answer requests. Bound to its loop; nothing in it is shared.
final class Worker {
    let eventLoop: any EventLoop
    let service: Service
    let deadlines: Deadlines
    let upstream: UpstreamClient
    /// nil where caching is off.
    let cache: ResponseCache?
    /// What is behind the cache.
    let storage: PluginStorage?
    /// On one of the loops.
    private var probe: BackendProbe?
    let allocator = ByteBufferAllocator()
    /// What this loop holds of the memory budget.
    let memory: MemoryAccount
    /// For the head that is being written: none is kept across a return to the loop.
    let writer: ResponseWriter

    /// Scratch of the request that is being read: indexed anew for each, never kept across a return to the loop.
    let document = JSONDocument()
    let keys: CacheKeyBuilder

    /// How long the answers of each model group typically are.
    private var typicalAnswers: [ObjectIdentifier: TypicalAnswer] = [:]

    private var dateField = DateField()
    private var requestIDs = RequestIDs()
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Whether load balancers may send requests.
    private(set) var isReady = true
    /// Whether the gateway is stopping: no connection outlives its current request.
    private(set) var isStopping = false
    /// While the gateway is stopping: connections that have a request, or an answer to take.
    private var busyConnections = 0
    private var whenSettled: (() -> Void)?
    private var whenEmpty: (() -> Void)?

    init(eventLoop: any EventLoop, service: Service) throws {
        self.service = service
        self.eventLoop = eventLoop
        self.memory = service.memory.makeAccount()
        self.deadlines = Deadlines(eventLoop: eventLoop)
        self.upstream = UpstreamClient(
            eventLoop: eventLoop,
            deadlines: deadlines,
            configuration: service.upstreamConfiguration
        )
        self.keys = try CacheKeyBuilder()
        self.writer = ResponseWriter(allocator: allocator)
        if let policy = service.cachePolicy, let backend = service.backend {
            let storage = try backend.storage(deadlines: deadlines)
            let cache = ResponseCache(
                storage: storage,
                policy: policy,
                pendingStores: service.pendingStores,
                seal: service.entryKeys.isEmpty ? nil : try EntrySeal(keys: service.entryKeys)
            )
            cache.onStoreFailure = { [outage = service.outage] in outage.note(storeFailure: $0) }
            self.cache = cache
            self.storage = storage
        } else {
            self.cache = nil
            self.storage = nil
        }
    }

    var limits: ServerLimits { service.limits }
    var admission: Admission { service.admission }
    var log: Logger { service.log }

    // MARK: Clocks and identifiers

    /// The monotonic clock, to the precision that timeouts need.
    func now() -> NIODeadline { .now() }

    /// Both clocks, for the cache.
    func instant() -> CacheInstant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        let milliseconds = Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec / 1_000_000)
        return CacheInstant(unixMilliseconds: UInt64(clamping: milliseconds), monotonic: .now())
    }

    /// The value of the Date header.
    func date() -> [UInt8] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return dateField.text(at: time.tv_sec)
    }

    /// The `x-request-id` of an answer that the gateway makes itself.
    func requestID() -> UInt64 { requestIDs.next() }

    // MARK: Requests

    /// Begins to answer a request: at once, or through an exchange that it attaches to the connection.
    func begin(_ request: IncomingRequest, on connection: Connection) {
        switch request.route {
        case .inference(let callType):
            InferenceEntrance(worker: self, connection: connection, callType: callType).enter(request)
        case .models:
            connection.answer(json: ModelList.all(of: service.models))
        case .model(let name):
            if let json = ModelList.one(name, of: service.models) {
                connection.answer(json: json)
            } else {
                var refusal = service.refusal(of: name)
                refusal.status = 404
                connection.answer(refusal)
            }
        case .liveness:
            connection.answer(json: "\"I'm alive!\"")
        case .readiness:
            connection.answer(
                json: HealthReport.readiness(of: service, isStopping: !isReady),
                status: isReady ? 200 : 503
            )
        case .health:
            connection.answer(json: HealthReport.health(of: service))
        case .cachePing:
            CachePing(connection: connection).begin()
        }
    }

    func typical(of group: ModelGroup) -> TypicalAnswer { typicalAnswers[ObjectIdentifier(group)] ?? TypicalAnswer() }

    /// Takes note of an answer that was whole.
    func noteAnswer(of group: ModelGroup, bytes: Int, milliseconds: Int64) {
        typicalAnswers[ObjectIdentifier(group), default: TypicalAnswer()].note(bytes: bytes, milliseconds: milliseconds)
    }

    /// Watches the backend from this loop. Called on one loop only.
    func watchBackend() {
        guard probe == nil, let backend = service.backend, let storage else { return }
        let probe = BackendProbe(port: storage.port, roundTrip: backend.roundTrip, deadlines: deadlines)
        self.probe = probe
        probe.start()
    }

    // MARK: Connections

    func opened(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        if whenEmpty != nil { connection.close() }
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        if connection.isBusy { busyConnections -= 1 }
        settle()
    }

    /// A connection has a request while the gateway is stopping: that is waited for until the connection is closed.
    func becameBusy() {
        busyConnections += 1
    }

    /// Says in the answers of `/health/readiness` that no further requests are wanted. All are answered still.
    func becomeUnready() {
        isReady = false
    }

    /// Ends every connection that has a request once that is answered and the answer is taken. Connections without one stay
    /// open meanwhile and are answered, so that nobody's request crosses the end of its connection.
    ///
    /// - Parameter done: called on the loop when none has a request.
    func stop(_ done: @escaping () -> Void) {
        isReady = false
        isStopping = true
        whenSettled = done
        probe?.stop()
        for connection in connections.values { connection.stop() }
        settle()
    }

    /// Ends the connections that have no request, once the others are over.
    ///
    /// - Parameter done: called on the loop when no connection is left.
    func finish(_ done: @escaping () -> Void) {
        whenEmpty = done
        for connection in connections.values where !connection.isBusy { connection.close() }
        settle()
    }

    /// Ends every request now, and the calls to models with them; streams end with an event that says why.
    func abandon() {
        for connection in connections.values { connection.abandon() }
        upstream.shutdown()
        eventLoop.assumeIsolated().scheduleTask(in: limits.lingerTimeout) {
            for connection in self.connections.values { connection.close() }
        }
    }

    private func settle() {
        guard isStopping else { return }
        if busyConnections == 0, let done = whenSettled {
            whenSettled = nil
            done()
        }
        if connections.isEmpty, let done = whenEmpty {
            whenEmpty = nil
            upstream.shutdown()
            done()
        }
    }
}

extension Connection {
    /// A whole JSON answer.
    func answer(json: String, status: Int = 200) {
        let writer = respond(status)
        writer.requestID(worker.requestID())
        writer.contentType("application/json")
        writer.contentLength(json.utf8.count)
        var response = writer.end(room: json.utf8.count)
        if !isHead { response.writeString(json) }
        answer(response)
    }
}
