import PluginKit
import Synchronization

/// Carries out operations as requests to S3, and keeps the books of them. Bound to the I/O thread.
final class S3Client {
    private static let badKey = BackendFailure(
        .invalid,
        "S3 has no object by such a name: UTF-8 of at most 1,024 bytes"
    )

    let loop: TransferLoop
    let settings: S3Settings
    private(set) lazy var credentials = CredentialKeeper(loop) { [unowned self] in time }
    private(set) var location: Location
    private var open: [UInt64: (request: OperationRequest, calls: [ObjectCall])] = [:]
    private var queue: CallQueue
    /// Objects that are being deleted because their time is over, and the writes that wait for that.
    private var expiring: [String: [() -> Void]] = [:]
    private var outage = Outage()
    private var shutdown = ShutdownProgress()

    init(_ loop: TransferLoop) {
        self.loop = loop
        settings = loop.settings
        location = Location(loop.settings)
        queue = CallQueue(connections: loop.settings.connections)
    }

    /// Seconds since 1970, by this machine's clock.
    var unix: Int64 { loop.host.unixMilliseconds / 1000 }
    /// The same, corrected by the server's.
    var time: Int64 { location.now(unix) }

    /// The server as messages call it.
    var name: String { "S3 bucket '\(settings.bucket)' at \(location.address.host)" }

    /// Tries the bucket, so that what is wrong with it is said at start.
    func start() {
        call(trial, deadline: nil) { [self] outcome in
            switch outcome {
            case .success: isUp("list")
            case .failure(let failure): isDown("list", failure)
            }
        }
    }

    /// Lists one object of ours: unlike HEAD it has an answer that says what is wrong.
    private var trial: ObjectRequest { .list(prefix: settings.layout.folder, limit: 1) }

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
        open[request.id] = (request, [])
        loop.figures.inFlight.store(open.count, ordering: .relaxed)
        switch request.operation {
        case .ping:
            request.expect(parts: 1)
            part(of: request, trial) { [self] in settle($0, request, nil) }
        case .flush(let operation):
            guard let prefix = settings.layout.object(operation.prefix) else {
                return fail(request, Self.badKey)
            }
            Flush(self, request, operation, prefix: prefix).start()
        case .get, .set, .delete:
            guard request.count > 0 else { return fail(request, BackendFailure(.invalid, "there are no items")) }
            request.expect(parts: request.count)
            for index in 0..<request.count { startItem(request, index) }
        }
    }

    private func startItem(_ request: OperationRequest, _ index: Int) {
        guard let object = settings.layout.object(request.key(index)) else {
            return partFailed(request, index, Self.badKey)
        }
        switch request.operation {
        case .get:
            part(of: request, .get(object)) { [self] in looked(request, index, object, $0) }
        case .set(let operation):
            guard let item = operation.item(index) else { return }
            guard queue.hasRoom else {
                loop.figures.rejections.add(1, ordering: .relaxed)
                return partFailed(request, index, BackendFailure(.busy, "too many writes wait for \(name)"))
            }
            let metadata = ObjectMetadata(object: object, ttlMilliseconds: item.ttlMilliseconds, now: time)
            let parts = (0..<item.partCount).map { item.part($0) }
            let write = { [self] in
                guard request.isOpen else { return }
                part(of: request, .put(object, metadata, parts)) { [self] in
                    settle($0, request, index)
                }
            }
            if expiring[object]?.append(write) == nil { write() }
        case .delete:
            part(of: request, .delete(object)) { [self] in settle($0, request, index) }
        case .ping, .flush: break
        }
    }

    private func looked(_ request: OperationRequest, _ index: Int, _ object: String, _ outcome: ObjectCall.Outcome) {
        switch outcome {
        // What is damaged or too large is a miss, of which the host knows why, and says nothing of the server.
        case .failure(let failure) where failure.status == .corrupt || failure.status == .tooLarge:
            guard request.isOpen else { return }
            loop.figures.failures.add(1, ordering: .relaxed)
            request.set(index, failure.status)
            partDone(request)
        case .failure(let failure): partFailed(request, index, failure)
        case .success(let response):
            guard request.isOpen else { return }
            if response.status == 404 {
                loop.figures.misses.add(1, ordering: .relaxed)
            } else if ObjectMetadata.isExpired(response[.expires], now: time) {
                loop.figures.misses.add(1, ordering: .relaxed)
                loop.figures.expirations.add(1, ordering: .relaxed)
                expire(object)
            } else if let length = response[.contentLength].flatMap({ Int($0) }), length != response.body.count {
                request.set(index, .corrupt)
            } else if let block = response.body.take() {
                loop.figures.hits.add(1, ordering: .relaxed)
                request.hit(index, block, count: response.body.count, block: block)
            }
            partDone(request)
        }
    }

    /// Deletes an object whose time is over. Nobody waits for that but a write of the same object, lest the new one go.
    private func expire(_ object: String) {
        guard expiring[object] == nil else { return }
        expiring[object] = []
        call(.delete(object), deadline: loop.now &+ 30_000_000_000) { [self] _ in
            for write in expiring.removeValue(forKey: object) ?? [] { write() }
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

    func partDone(_ request: OperationRequest) {
        isUp(Self.kind(of: request))
        if request.partDone() { over(request) }
    }

    func partFailed(_ request: OperationRequest, _ index: Int?, _ failure: BackendFailure) {
        loop.figures.failures.add(1, ordering: .relaxed)
        if ![.busy, .cancelled, .invalid].contains(failure.status) { isDown(Self.kind(of: request), failure) }
        guard request.isOpen else { return }
        if let index { request.set(index, failure.status) }
        if request.partFailed(failure) { over(request) }
    }

    /// The host waits no longer: whatever is in flight for it is given up.
    private func cancel(_ id: UInt64) {
        if let request = open[id]?.request { fail(request, BackendFailure(.timeout, "\(name) did not answer in time")) }
    }

    func fail(_ request: OperationRequest, _ failure: BackendFailure) {
        guard request.abandon(failure) else { return }
        over(request)
    }

    private func over(_ request: OperationRequest) {
        let calls = open.removeValue(forKey: request.id)?.calls ?? []
        loop.figures.inFlight.store(open.count, ordering: .relaxed)
        for call in calls { call.cancel(BackendFailure(.cancelled, "nobody waits any more")) }
        loop.finish(request)
    }

    // MARK: Calls

    /// Carries out a part of an operation: it is given up with it.
    private func part(
        of request: OperationRequest,
        _ wanted: ObjectRequest,
        finish: @escaping (ObjectCall.Outcome) -> Void
    ) {
        let call = ObjectCall(self, wanted, deadline: request.deadline, finish: finish)
        open[request.id]?.calls.append(call)
        enqueue(call)
    }

    /// A request of the plugin's own, or of a flush.
    func call(_ wanted: ObjectRequest, deadline: UInt64?, finish: @escaping (ObjectCall.Outcome) -> Void) {
        enqueue(ObjectCall(self, wanted, deadline: deadline, finish: finish))
    }

    private func enqueue(_ call: ObjectCall) {
        queue.append(call)
        next()
    }

    private func next() {
        while let call = queue.next() { call.start() }
    }

    func ended(_ call: ObjectCall) {
        queue.ended(call)
        // Not from within curl's own call.
        loop.alarms.set(at: loop.now) { [weak self] in self?.next() }
    }

    // MARK: What is learned of the server

    func moved(to region: String?) -> Bool {
        guard location.moved(to: region) else { return false }
        loop.host.log(.info, "bucket '\(settings.bucket)' is in region \(location.region)")
        return true
    }

    func sawClock(_ date: String?) -> Bool {
        guard location.sawClock(date, unix: unix) else { return false }
        loop.host.log(
            .warning,
            "this machine's clock differs from S3's by \(location.clockOffset) s; requests are signed with S3's time, but set the clock"
        )
        return true
    }

    /// What S3 says, for the operator.
    func sentence(_ status: Int, _ error: ServiceError?) -> String {
        guard let error else { return "\(name) answers \(status)" }
        let mend =
            switch error.code {
            case "NoSuchBucket": "create it, or correct 's3_bucket_name'"
            case "InvalidAccessKeyId": "check 's3_aws_access_key_id'"
            case "SignatureDoesNotMatch": "check 's3_aws_secret_access_key'"
            case "ExpiredToken", "InvalidToken": "check 's3_aws_session_token'"
            case "AccessDenied": "allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on it"
            default: ""
            }
        return "\(name): \(error.code): \(credentials.withoutKeys(error.message))" + (mend.isEmpty ? "" : "; \(mend)")
    }

    /// What permissions go by.
    private static func kind(of request: OperationRequest) -> String {
        switch request.operation {
        case .get: "get"
        case .set: "put"
        case .delete: "delete"
        case .ping, .flush: "list"
        }
    }

    private func isUp(_ kind: String) {
        let isNews = [outage.recovered(Self.server), outage.recovered(kind)]
        if isNews.contains(true) { loop.host.report(.up, "\(name) answers") }
    }

    /// A refusal is of one kind of request, and other kinds that succeed do not end it; anything else is of the server. While
    /// that is in trouble its refusals say nothing new: some refuse what would make a bucket that is missing.
    private func isDown(_ kind: String, _ failure: BackendFailure) {
        let isRefusal = failure.status == .unauthorized
        if isRefusal, outage.isFailing(Self.server) { return }
        let whose = isRefusal ? kind : Self.server
        guard let reason = outage.failed(whose, failure) else { return }
        loop.host.report(failure.status == .badConfiguration ? .down : .degraded, reason)
    }

    private static let server = "server"

    // MARK: The end

    /// Goes on with a shutdown.
    func turnEnded() {
        switch shutdown.step(now: loop.now, inFlight: open.count, leases: loop.figures.leases.value) {
        case .goOn: break
        case .giveUp:
            close()
            turnEnded()
        case .lookAgain(let due): loop.alarms.set(at: due) {}
        case .done(let request): loop.end(request)
        }
    }

    func close() {
        for entry in Array(open.values) {
            fail(entry.request, BackendFailure(.cancelled, "the cache is shutting down"))
        }
    }
}
