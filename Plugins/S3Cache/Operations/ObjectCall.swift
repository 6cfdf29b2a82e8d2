import PluginKit
import Synchronization

/// [I/O thread] One request to S3, which is signed and sent, and sent again where that helps, until it has an answer or
/// its deadline has passed.
final class ObjectCall: QueuedCall {
    typealias Outcome = Result<HTTPResponse, BackendFailure>

    private static let mostCorrections = 3

    private let request: ObjectRequest
    /// The deadline in nanoseconds of the host's clock. It is nil where there is none.
    private let deadline: UInt64?
    private unowned let client: S3Client
    private var policy: RetryPolicy
    /// How often it was signed again because of a correction.
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
        policy = RetryPolicy(attempts: client.instance.settings.attempts, deadline: deadline)
    }

    var isWrite: Bool { request.isWrite }

    var isOver: Bool { finish == nil }

    var bodyBytes: Int { request.body.count }

    var queueState = CallQueueState.waiting

    func start() {
        client.credentials.use { [self] outcome in
            guard !isOver else { return }
            switch outcome {
            case .failure(let failure): end(.failure(failure))
            case .success(let credentials): send(credentials)
            }
        }
    }

    /// Cancels the request, since nothing waits for it any more. Memory of the host is not used again.
    func cancel(_ failure: BackendFailure) {
        guard !isOver else { return }
        let transfer = transfer.take()
        end(.failure(failure))
        if let transfer { client.instance.loop.cancel(transfer) }
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
        let now = client.instance.loop.now
        let left = deadline.map { Int(clamping: max(1, ($0 > now ? $0 - now : 0) / 1_000_000)) }
        transfer = client.instance.loop.send(
            HTTPRequest(
                method: request.method,
                url: address.url(path: path, query: SignatureV4.canonicalQuery(request.query)),
                headers: signed,
                body: request.body,
                connectTimeout: client.instance.settings.connectTimeout,
                readTimeout: client.instance.settings.readTimeout,
                totalTimeout: left ?? 0,
                largestAnswer: request.largestAnswer(client.instance.largestValue)
            )
        ) { [self] outcome in
            transfer = nil
            guard !isOver else { return }
            switch outcome {
            case .success(let response): answered(response)
            case .failure(let failure): failed(failure)
            }
        }
    }

    // MARK: Answers

    private func answered(_ response: HTTPResponse) {
        let error = response.status >= 300 ? ServiceError(response.body.bytes) : nil
        let verdict = AnswerVerdict(
            status: response.status,
            error: error,
            region: response[.region],
            retryAfter: response[.retryAfter]
        )
        switch verdict {
        case .success: end(.success(response))
        case .retry(let pause):
            retry(BackendFailure(.unavailable, client.sentence(response.status, error)), after: pause)
        case .refused(let corrections, let status):
            for correction in corrections {
                switch correction {
                case .region(let region): if client.moved(to: region) { return again() }
                case .clock: if client.sawClock(response[.date]) { return again() }
                case .credentials:
                    guard client.credentials.discard(), self.corrections < Self.mostCorrections else {
                        let reason = client.sentence(response.status, error)
                        return end(.failure(BackendFailure(.unauthorized, reason)))
                    }
                    return again()
                }
            }
            end(.failure(BackendFailure(status, client.sentence(response.status, error))))
        }
    }

    /// Signs the request and sends it again at once, after a correction.
    private func again() {
        corrections += 1
        guard corrections <= Self.mostCorrections else {
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
        guard let due = policy.next(now: client.instance.loop.now, jitter: jitter, retryAfter: pause) else {
            return end(.failure(failure))
        }
        client.instance.statistics.retries.add(1, ordering: .relaxed)
        client.instance.loop.alarms.set(at: due) { [self] in if !isOver { start() } }
    }
}
