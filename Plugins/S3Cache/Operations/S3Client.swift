import PluginKit
import Synchronization

/// [I/O thread] Carries out operations as requests to S3.
final class S3Client: OperationHandler {
    private static let badKey = BackendFailure(
        .invalid,
        "S3 has no object by such a name: UTF-8 of at most 1,024 bytes"
    )
    /// How long the deletion of an expired object may take, in nanoseconds.
    private static let deletionTime: UInt64 = 30_000_000_000

    let instance: S3Instance
    private(set) lazy var credentials = CredentialKeeper(instance) { [unowned self] in time }
    private(set) var location: BucketLocation
    private var open = OpenOperations<ObjectCall>()
    private var queue: CallQueue<ObjectCall>
    private var expired = ExpiredObjects()
    private var health = BucketHealth()
    private var shutdown = ShutdownProgress()

    init(_ instance: S3Instance) {
        self.instance = instance
        location = BucketLocation(instance.settings)
        queue = CallQueue(connections: instance.settings.connections)
    }

    private var loop: TransferLoop { instance.loop }
    private var statistics: S3Statistics { instance.statistics }

    /// The time by this machine's clock, in seconds since 1970.
    private var unix: Int64 { instance.host.unixMilliseconds / 1000 }

    /// The time corrected by the server's clock.
    var time: Int64 { location.now(unix) }

    /// The name of the server in messages.
    var name: String { "S3 bucket '\(instance.settings.bucket)' at \(location.address.host)" }

    /// Tries the bucket, so that a problem with it is reported at start.
    func start() {
        call(trial, deadline: nil) { [self] outcome in
            switch outcome {
            case .success: isUp(.list)
            case .failure(let failure): isDown(.list, failure)
            }
        }
    }

    /// A request that lists one object. Unlike HEAD, its answer says what is wrong.
    private var trial: ObjectRequest { .list(prefix: instance.settings.layout.folder, limit: 1) }

    // MARK: Operations

    func handle(_ message: OperationMessage) {
        switch message {
        case .start(let request): start(request)
        case .cancel(let id): cancel(id)
        case .shutDown(let request): shutdown.begin(request)
        }
    }

    private func start(_ request: OperationRequest) {
        guard !shutdown.isUnderWay else {
            return fail(request, BackendFailure(.cancelled, "the cache is shutting down"))
        }
        open.insert(request)
        statistics.inFlight.store(open.count, ordering: .relaxed)
        switch request.operation {
        case .ping:
            request.expect(parts: 1)
            part(of: request, trial) { [self] in settle($0, request, nil) }
        case .flush(let operation):
            guard let flush = S3Flush(self, request, operation, instance.settings.layout) else {
                return fail(request, Self.badKey)
            }
            flush.start()
        case .inquire: fail(request, BackendFailure(.unsupported, "a bucket has no reports"))
        case .get, .set, .delete:
            guard request.count > 0 else { return fail(request, BackendFailure(.invalid, "there are no items")) }
            request.expect(parts: request.count)
            for index in 0..<request.count { startItem(request, index) }
        }
    }

    private func startItem(_ request: OperationRequest, _ index: Int) {
        guard let object = instance.settings.layout.object(request.key(index)) else {
            return partFailed(request, index, Self.badKey)
        }
        switch request.operation {
        case .get: part(of: request, .get(object)) { [self] in lookedUp(object, $0, request, index) }
        case .set(let operation):
            if let item = operation.item(index) { store(object, item, request, index) }
        case .delete: part(of: request, .delete(object)) { [self] in settle($0, request, index) }
        case .ping, .flush, .inquire: break
        }
    }

    private func store(_ object: String, _ item: SetItem, _ request: OperationRequest, _ index: Int) {
        guard queue.hasRoom else {
            statistics.rejections.add(1, ordering: .relaxed)
            return partFailed(request, index, BackendFailure(.busy, "too many writes wait for \(name)"))
        }
        let metadata = ObjectMetadata(object: object, ttlMilliseconds: item.ttlMilliseconds, now: time)
        let parts = (0..<item.partCount).map { item.part($0) }
        let write = { [self] in
            guard request.isOpen else { return }
            part(of: request, .put(object, metadata, parts)) { [self] in settle($0, request, index) }
        }
        if !expired.postpone(object, write) { write() }
    }

    private func lookedUp(
        _ object: String,
        _ outcome: ObjectCall.Outcome,
        _ request: OperationRequest,
        _ index: Int
    ) {
        switch outcome {
        // An entry that is damaged or too large is a miss, for which the host is given the reason. It reveals nothing
        // about the server.
        case .failure(let failure) where failure.status == .corrupt || failure.status == .tooLarge:
            guard request.isOpen else { return }
            statistics.failures.add(1, ordering: .relaxed)
            request.set(index, failure.status)
            partDone(request)
        case .failure(let failure): partFailed(request, index, failure)
        case .success(let response):
            guard request.isOpen else { return }
            switch LookupResult(response, now: time) {
            case .miss: statistics.misses.add(1, ordering: .relaxed)
            case .expired:
                statistics.misses.add(1, ordering: .relaxed)
                statistics.expirations.add(1, ordering: .relaxed)
                deleteExpired(object)
            case .damaged: request.set(index, .corrupt)
            case .hit:
                if let block = response.body.take() {
                    statistics.hits.add(1, ordering: .relaxed)
                    request.hit(index, block, count: response.body.count, block: block)
                }
            }
            partDone(request)
        }
    }

    /// Deletes an expired object. Only writes of the same object wait for the deletion.
    private func deleteExpired(_ object: String) {
        guard expired.beginDeleting(object) else { return }
        call(.delete(object), deadline: loop.now &+ Self.deletionTime) { [self] _ in
            for write in expired.ended(object) { write() }
        }
    }

    private func settle(_ outcome: ObjectCall.Outcome, _ request: OperationRequest, _ index: Int?) {
        switch outcome {
        case .success(let response) where response.status == 404:
            guard case .delete = request.operation, let index else {
                return partFailed(request, index, BackendFailure(.badAnswer, "\(name) answers 404"))
            }
            if request.isOpen { request.set(index, .miss) }
            partDone(request)
        case .success: partDone(request)
        case .failure(let failure): partFailed(request, index, failure)
        }
    }

    /// A part of an operation has succeeded.
    func partDone(_ request: OperationRequest) {
        isUp(BucketHealth.Kind(request.operation))
        if request.partDone() { over(request) }
    }

    /// A part of an operation has failed.
    /// - Parameter index: the index of the item, where the part was one item.
    func partFailed(_ request: OperationRequest, _ index: Int?, _ failure: BackendFailure) {
        statistics.failures.add(1, ordering: .relaxed)
        if ![.busy, .cancelled, .invalid].contains(failure.status) {
            isDown(BucketHealth.Kind(request.operation), failure)
        }
        guard request.isOpen else { return }
        if let index { request.set(index, failure.status) }
        if request.partFailed(failure) { over(request) }
    }

    /// The host no longer waits. Every request in flight for the operation is cancelled.
    private func cancel(_ id: UInt64) {
        if let request = open[id] { fail(request, BackendFailure(.timeout, "\(name) did not answer in time")) }
    }

    private func fail(_ request: OperationRequest, _ failure: BackendFailure) {
        guard request.abandon(failure) else { return }
        over(request)
    }

    private func over(_ request: OperationRequest) {
        let calls = open.remove(request)
        statistics.inFlight.store(open.count, ordering: .relaxed)
        for call in calls { call.cancel(BackendFailure(.cancelled, "nobody waits any more")) }
        loop.finish(request)
    }

    // MARK: Requests to S3

    /// Makes a request for an operation, which is cancelled when the operation ends.
    private func part(
        of request: OperationRequest,
        _ wanted: ObjectRequest,
        finish: @escaping (ObjectCall.Outcome) -> Void
    ) {
        let call = ObjectCall(self, wanted, deadline: request.deadline, finish: finish)
        open.add(call, to: request)
        enqueue(call)
    }

    /// Makes a request of the plugin's own, or of a flush.
    /// - Parameter deadline: the deadline in nanoseconds of the host's clock. It is nil where there is none.
    func call(_ wanted: ObjectRequest, deadline: UInt64?, finish: @escaping (ObjectCall.Outcome) -> Void) {
        enqueue(ObjectCall(self, wanted, deadline: deadline, finish: finish))
    }

    private func enqueue(_ call: ObjectCall) {
        queue.append(call)
        startNext()
    }

    private func startNext() {
        while let call = queue.next() { call.start() }
    }

    /// A request has its outcome.
    func ended(_ call: ObjectCall) {
        queue.ended(call)
        // This must not happen within curl's own call.
        loop.alarms.set(at: loop.now) { [weak self] in self?.startNext() }
    }

    // MARK: Findings from answers

    /// Records that the bucket is in another region.
    /// - Returns: whether the region has changed, so that a request can be sent again.
    func moved(to region: String?) -> Bool {
        guard location.moved(to: region) else { return false }
        instance.host.log(.info, "bucket '\(instance.settings.bucket)' is in region \(location.region)")
        return true
    }

    /// Adopts the server's clock.
    /// - Returns: whether a request can be sent again.
    func sawClock(_ date: String?) -> Bool {
        guard location.sawClock(date, unix: unix) else { return false }
        instance.host.log(
            .warning,
            "this machine's clock differs from S3's by \(location.clockOffset) s; requests are signed with S3's time, but set the clock"
        )
        return true
    }

    /// Describes an answer of S3 for the operator.
    func sentence(_ status: Int, _ error: ServiceError?) -> String {
        guard let error else { return "\(name) answers \(status)" }
        let remedy = error.remedy
        let sentence = "\(name): \(error.code): \(credentials.withoutKeys(error.message))"
        return remedy.isEmpty ? sentence : "\(sentence); \(remedy)"
    }

    private func isUp(_ kind: BucketHealth.Kind) {
        if health.succeeded(kind) { instance.host.report(.up, "\(name) answers") }
    }

    private func isDown(_ kind: BucketHealth.Kind, _ failure: BackendFailure) {
        guard let reason = health.failed(kind, failure) else { return }
        instance.host.report(failure.status == .badConfiguration ? .down : .degraded, reason)
    }

    // MARK: The end

    func turnEnded() {
        switch shutdown.step(now: loop.now, inFlight: open.count, leases: statistics.leases.value) {
        case .goOn: break
        case .giveUp:
            close()
            turnEnded()
        case .lookAgain(let due): loop.alarms.set(at: due) {}
        case .done(let request): loop.end(request)
        }
    }

    func close() {
        for request in open.requests { fail(request, BackendFailure(.cancelled, "the cache is shutting down")) }
    }
}
