import PluginKit
import Synchronization

/// One request to S3, signed, sent, and sent again where that helps, until it has an answer or its time is over. Bound to
/// the I/O thread.
final class ObjectCall {
    typealias Outcome = Result<HTTPResponse, BackendFailure>

    private let request: ObjectRequest
    private let deadline: UInt64?
    private unowned let client: S3Client
    private var policy: RetryPolicy
    /// How often it was signed anew for another reason than a server in trouble.
    private var corrections = 0
    private var transfer: Transfer?
    private var finish: ((Outcome) -> Void)?

    init(
        _ client: S3Client,
        _ request: ObjectRequest,
        deadline: UInt64?,
        finish: @escaping (Outcome) -> Void
    ) {
        self.client = client
        self.request = request
        self.deadline = deadline
        self.finish = finish
        policy = RetryPolicy(attempts: client.settings.attempts, deadline: deadline)
    }

    var isWrite: Bool { request.isWrite }

    var isOver: Bool { finish == nil }

    /// Bytes of its body.
    var bodyBytes: Int { request.body.count }

    /// What it has of the client's connections.
    enum Place { case queued, running, gone }
    var place = Place.queued

    func start() {
        client.credentials.use { [self] outcome in
            guard !isOver else { return }
            switch outcome {
            case .failure(let failure): end(.failure(failure))
            case .success(let credentials): send(credentials)
            }
        }
    }

    /// Nobody waits any more: what is in flight is given up, and no memory of the host's is touched again.
    func cancel(_ failure: BackendFailure) {
        guard !isOver else { return }
        let transfer = transfer.take()
        end(.failure(failure))
        if let transfer { client.loop.cancel(transfer) }
    }

    private func end(_ outcome: Outcome) {
        guard let finish = finish.take() else { return }
        client.ended(self)
        finish(outcome)
    }

    // MARK: Sending

    private func send(_ credentials: Credentials) {
        let address = client.location.address
        let time = CalendarTime(unix: client.time)
        let path = request.path(address)
        let hash =
            switch request.body {
            case .none: Digest.sha256([]).hexadecimal
            case .bytes(let bytes): bytes.withUnsafeBytes { Digest.sha256([$0]) }.hexadecimal
            case .parts(let parts): Digest.sha256(parts).hexadecimal
            }
        var signed =
            request.headers + [
                ("host", address.host), ("x-amz-content-sha256", hash), ("x-amz-date", time.basicTime),
            ]
        if let token = credentials.keys.sessionToken { signed.append(("x-amz-security-token", token)) }
        let unsigned = SignatureV4.Request(
            method: request.method,
            path: path,
            query: request.query,
            headers: signed,
            payloadHash: hash
        )
        let signature = SignatureV4(credentials.keys, region: client.location.region)
        signed.append(("authorization", signature.authorization(unsigned, at: time)))
        let left = deadline.map { Int(clamping: max(1, ($0 > client.loop.now ? $0 - client.loop.now : 0) / 1_000_000)) }
        transfer = client.loop.send(
            HTTPRequest(
                method: request.method,
                url: address.url(path: path, query: SignatureV4.canonicalQuery(request.query)),
                headers: signed,
                body: request.body,
                connectTimeout: client.settings.connectTimeout,
                readTimeout: client.settings.readTimeout,
                totalTimeout: left ?? 0,
                largestAnswer: request.largestAnswer(client.loop.largestValue)
            )
        ) { [self] outcome in
            transfer = nil
            guard !isOver else { return }
            switch outcome {
            case .success(let response): answered(response, credentials)
            case .failure(let failure): failed(failure)
            }
        }
    }

    // MARK: Answers

    private func answered(_ response: HTTPResponse, _ credentials: Credentials) {
        let error = response.status >= 300 ? ServiceError(response.body.bytes) : nil
        let code = error?.code ?? ""
        switch response.status {
        case 200..<300: return end(.success(response))
        case 301, 302, 307, 308, 400:
            let region = response[.region] ?? error?.region
            if client.moved(to: region) { return again() }
            if code == "ExpiredToken" || code == "InvalidToken" { return expired(error, response) }
        case 403:
            if code == "RequestTimeTooSkewed" || code == "RequestExpired", client.sawClock(response[.date]) {
                return again()
            }
            if code == "ExpiredToken" || code == "InvalidToken" { return expired(error, response) }
            if client.moved(to: response[.region] ?? error?.region) { return again() }
        case 404 where code != "NoSuchBucket": return end(.success(response))
        case 429, 500, 502, 503, 504:
            let seconds = response[.retryAfter].flatMap { UInt64($0) }.map { min($0, 60) &* 1_000_000_000 }
            return retry(BackendFailure(.unavailable, client.sentence(response.status, error)), after: seconds)
        default: break
        }
        end(.failure(BackendFailure(Self.status(response.status, code), client.sentence(response.status, error))))
    }

    private static func status(_ status: Int, _ code: String) -> Status {
        switch (status, code) {
        case (_, "NoSuchBucket"): .badConfiguration
        case (401, _), (403, _): .unauthorized
        case (413, _), (_, "EntityTooLarge"): .tooLarge
        case (507, _): .full
        default: .badAnswer
        }
    }

    /// Temporary credentials ended sooner than they said.
    private func expired(_ error: ServiceError?, _ response: HTTPResponse) {
        corrections += 1
        guard client.credentials.discard(), corrections <= 3 else {
            return end(.failure(BackendFailure(.unauthorized, client.sentence(response.status, error))))
        }
        start()
    }

    /// Something was learned: signed and sent anew, at once.
    private func again() {
        corrections += 1
        guard corrections <= 3 else {
            return end(.failure(BackendFailure(.badAnswer, "\(client.name) sends requests in circles")))
        }
        start()
    }

    private func failed(_ failure: HTTPFailure) {
        let reason = "\(client.name): \(failure.reason)"
        switch failure.kind {
        case .unreachable, .broken: retry(BackendFailure(.unavailable, reason), after: nil)
        case .truncated: retry(BackendFailure(.corrupt, reason), after: nil)
        case .timedOut: retry(BackendFailure(.timeout, reason), after: nil)
        case .certificate:
            end(
                .failure(
                    BackendFailure(
                        .unavailable,
                        "\(reason); name the authority in 's3_verify', or connect by the name that the certificate bears"
                    )
                )
            )
        case .tooLarge:
            end(.failure(BackendFailure(.tooLarge, "\(client.name) has a larger answer than is read; it was not")))
        case .cancelled: end(.failure(BackendFailure(.cancelled, "cancelled")))
        }
    }

    private func retry(_ failure: BackendFailure, after pause: UInt64?) {
        let jitter = Double.random(in: 0..<1)
        guard let due = policy.next(now: client.loop.now, jitter: jitter, retryAfter: pause) else {
            return end(.failure(failure))
        }
        client.loop.figures.retries.add(1, ordering: .relaxed)
        client.loop.alarms.set(at: due) { [self] in if !isOver { start() } }
    }
}
