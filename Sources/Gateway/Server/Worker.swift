import Deadlines
import Glibc
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
    private var typicalAnswers: [String: TypicalAnswer] = [:]

    private var dateField = DateField()
    private var requestIDs = RequestIDs()
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Whether the gateway is stopping: no connection outlives its current request.
    private(set) var isStopping = false
    private var whenDrained: (() -> Void)?

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
                inFlight: service.inFlight,
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
            connection.answer(json: HealthReport.readiness(of: service))
        case .health:
            connection.answer(json: HealthReport.health(of: service))
        case .cachePing:
            CachePing(connection: connection).begin()
        }
    }

    func typical(of group: ModelGroup) -> TypicalAnswer { typicalAnswers[group.name] ?? TypicalAnswer() }

    /// Takes note of an answer that was whole.
    func noteAnswer(of group: ModelGroup, bytes: Int, milliseconds: Int64) {
        typicalAnswers[group.name, default: TypicalAnswer()].note(bytes: bytes, milliseconds: milliseconds)
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
        if isStopping { connection.stop() }
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        if isStopping, connections.isEmpty { drained() }
    }

    /// Ends every connection once its current request is answered.
    ///
    /// - Parameter done: called on the loop when none is left.
    func stop(_ done: @escaping () -> Void) {
        isStopping = true
        whenDrained = done
        probe?.stop()
        for connection in connections.values { connection.stop() }
        if connections.isEmpty { drained() }
    }

    /// Ends every connection now, and the upstream's with them.
    func abandon() {
        for connection in connections.values { connection.cutOff() }
        upstream.shutdown()
    }

    private func drained() {
        upstream.shutdown()
        whenDrained?()
        whenDrained = nil
    }
}

extension Connection {
    /// A whole JSON answer with status 200.
    func answer(json: String) {
        let writer = respond(200)
        writer.requestID(worker.requestID())
        writer.contentType("application/json")
        writer.contentLength(json.utf8.count)
        var response = writer.end(room: json.utf8.count)
        if !isHead { response.writeString(json) }
        answer(response)
    }
}
