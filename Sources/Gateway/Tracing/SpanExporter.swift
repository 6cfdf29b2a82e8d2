import Deadlines
import HTTPSyntax
import Logging
import NIOCore
import OpenTelemetry
import Text
import Upstream

/// Sends spans to a collector over OTLP/HTTP, with the client that calls models. It performs what `ExportState` decides, and
/// is bound to an event loop of its own, so that no request waits for it.
final class SpanExporter {
    private let eventLoop: any EventLoop
    private let client: UpstreamClient
    private let collector: ModelGroup
    private let request: ExportRequest
    private let queue: SpanQueue
    private let log: Logger
    private var state: ExportState
    private var losses = SpanLosses()
    /// The spans that are on their way, or are to be sent again.
    private var batch: [[UInt8]] = []
    private var call: UpstreamCall?
    private var timer: Scheduled<Void>?
    /// What the collector has answered so far.
    private var answer: (status: Int, retryAfter: TimeAmount?, body: ByteBuffer)?
    /// Called once everything was sent, or given up.
    private var whenEnded: (() -> Void)?

    /// The greatest part of an answer that is read.
    private static let longestAnswer = 64 << 10

    init(
        _ plan: TracingPlan,
        configuration: UpstreamConfiguration,
        queue: SpanQueue,
        on eventLoop: any EventLoop,
        log: Logger
    ) {
        self.eventLoop = eventLoop
        collector = plan.collector
        self.queue = queue
        self.log = log
        client = UpstreamClient(
            eventLoop: eventLoop,
            deadlines: Deadlines(eventLoop: eventLoop),
            configuration: configuration
        )
        request = ExportRequest(
            resource: plan.settings.resource,
            scope: (name: "gateway", version: Version.description)
        )
        state = ExportState(plan.settings.rules, now: .now())
    }

    /// Begins to send what the queue gets.
    func start() {
        settle(.nothing)
    }

    /// A batch is full.
    func batchIsFull() {
        settle(state.filled(queued: queue.count, now: .now()))
    }

    /// Sends what waits, for as long as `limit` allows, and nothing after that.
    func stop(within limit: TimeAmount, _ done: @escaping () -> Void) {
        guard state.timer != nil else { return done() }
        whenEnded = done
        settle(state.stop(within: limit, queued: queue.count, now: .now()))
    }

    private func timerFired() {
        timer = nil
        let wasSending = call != nil
        let action = state.timerFired(queued: queue.count, now: .now(), chance: .random(in: 0..<1))
        if wasSending {
            abandonCall()
            reason = "the collector did not answer in time"
        }
        settle(action)
    }

    /// Why the last attempt failed.
    private var reason = ""

    /// Performs an action, and arms the timer that the state wants.
    private func settle(_ action: ExportState.Action) {
        switch action {
        case .nothing: break
        case .takeAndSend(let deadline):
            batch = queue.takeBatch()
            send(by: deadline)
        case .sendAgain(let deadline): send(by: deadline)
        case .drop:
            losses.lost(batch.count, reason)
            batch = []
        case .end: return end()
        }
        losses.lost(queue.takeDropped(), "more spans came than the collector takes")
        report()
        arm()
    }

    private func arm() {
        timer?.cancel()
        timer = state.timer.map { time in
            eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.timerFired() }
        }
    }

    private func report(isLast: Bool = false) {
        guard let text = losses.report(now: .now(), isLast: isLast) else { return }
        log.warning("\(text)")
    }

    private func end() {
        timer?.cancel()
        timer = nil
        abandonCall()
        losses.lost(queue.takeDropped(), "more spans came than the collector takes")
        losses.lost(batch.count + queue.removeAll(), reason.isEmpty ? "the gateway has stopped" : reason)
        batch = []
        report(isLast: true)
        client.shutdown()
        whenEnded?()
        whenEnded = nil
    }

    private func abandonCall() {
        call?.cancel()
        call = nil
        answer = nil
    }

    private func send(by deadline: NIODeadline) {
        abandonCall()
        let body = ByteBuffer(bytes: request.encoded(batch))
        var message = UpstreamRequest(
            passThrough: PassThroughTarget(
                method: "POST",
                path: "",
                query: "",
                contentType: "application/x-protobuf"
            ),
            id: nil,
            body: RequestBody(body, modelLiteral: nil),
            headers: ForwardedFields()
        )
        message.timeout = max(.milliseconds(1), deadline - .now())
        call = client.send(message, to: collector, receiver: self)
    }

    private func failed(mayRepeat: Bool, retryAfter: TimeAmount? = nil, _ reason: String) {
        abandonCall()
        self.reason = reason
        settle(state.failed(mayRepeat: mayRepeat, retryAfter: retryAfter, now: .now(), chance: .random(in: 0..<1)))
    }
}

extension SpanExporter: UpstreamReceiver {
    func upstreamHead(_ head: UpstreamHead) {
        answer = (head.status, head.retryAfter, ByteBuffer())
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard let read = answer?.body.readableBytes, read + bytes.readableBytes <= Self.longestAnswer else { return }
        answer?.body.writeImmutableBuffer(bytes)
    }

    func upstreamReadComplete() {}

    func upstreamEnd() {
        guard let (status, retryAfter, body) = answer else { return }
        call = nil
        answer = nil
        guard (200...299).contains(status) else {
            // OTLP's specification lists these four (OTLP/HTTP response, failures).
            let mayRepeat = [429, 502, 503, 504].contains(status)
            return failed(mayRepeat: mayRepeat, retryAfter: retryAfter, "the collector answered with \(status)")
        }
        let response = ExportResponse(Array(body.readableBytesView))
        if response.rejectedSpans > 0 {
            losses.lost(response.rejectedSpans, "the collector refused them: \(response.message.quotable)")
        }
        batch = []
        reason = ""
        settle(state.succeeded(queued: queue.count, now: .now()))
    }

    func upstreamFailed(_ error: UpstreamError) {
        failed(mayRepeat: true, "\(error)")
    }
}
