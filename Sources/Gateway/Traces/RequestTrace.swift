import NIOCore
import NIOHTTP1
import OpenTelemetry
import Text
import Upstream

/// What is kept for the trace of one request beside its record: its place in the trace, and the attempts of the call that
/// it made. Only requests whose traces are recorded have one.
///
/// It is Sendable because the record of a request is; like its connection and its call it is bound to one event loop.
final class RequestTrace: CallTrace, @unchecked Sendable {
    /// One request to a model's server.
    struct Attempt {
        let spanID: SpanID
        /// Which one of its call it is, from 1.
        let number: Int
        let deployment: Deployment
        let group: ModelGroup
        let began: NIODeadline
        var status: Int?
        var responded: NIODeadline?
        var error: UpstreamError?
        var ended: NIODeadline?
    }

    let traceID: TraceID
    /// The span of the request here.
    let spanID: SpanID
    /// The span of the client that made the request. It is nil where the trace begins here.
    let parent: SpanID?
    let state: TraceState?
    private let flags: UInt8
    let method: HTTPMethod
    /// What the request has a model do, as the semantic conventions call it. It is nil where it asks none.
    let operation: String?
    /// The request whose call this one follows.
    var followed: TraceParent?
    /// The attempts that have ended and were not recorded yet.
    private(set) var attempts: [Attempt] = []
    private var present: Attempt?
    /// How many attempts have begun.
    private var count = 0
    /// Whether the request has ended, so that attempts are recorded as they end.
    private var isOver = false
    private let recorder: any AttemptRecorder

    /// - Parameter parent: what the client says of the trace. It is nil where the trace begins here.
    init(
        traceID: TraceID,
        parent: TraceParent?,
        state: TraceState?,
        method: HTTPMethod,
        operation: String?,
        recorder: any AttemptRecorder
    ) {
        self.traceID = traceID
        self.spanID = .random()
        self.parent = parent?.spanID
        self.state = state
        flags = (parent?.flags ?? 0) | 1
        self.method = method
        self.operation = operation
        self.recorder = recorder
    }

    /// The request, as others refer to it.
    var context: TraceParent { TraceParent(traceID: traceID, spanID: spanID, flags: flags) }

    /// The request has ended. What goes on of its call is recorded when it ends.
    func end() {
        isOver = true
    }

    // MARK: The call

    func attemptBegan(at deployment: Deployment, of group: ModelGroup, now: NIODeadline) {
        attemptEnded(nil, now: now)
        count += 1
        present = Attempt(spanID: .random(), number: count, deployment: deployment, group: group, began: now)
    }

    func writeFields(to head: inout WireText) {
        head.write("traceparent: ")
        TraceParent(traceID: traceID, spanID: present?.spanID ?? spanID, flags: flags).write(to: &head)
        head.write("\r\n")
        guard let state else { return }
        head.write("tracestate: ")
        state.bytes.withUnsafeBytes { head.write($0) }
        head.write("\r\n")
    }

    func headArrived(status: Int, now: NIODeadline) {
        present?.status = status
        present?.responded = now
    }

    func attemptEnded(_ error: UpstreamError?, now: NIODeadline) {
        guard var attempt = present.take() else { return }
        attempt.error = error
        attempt.ended = now
        guard isOver else { return attempts.append(attempt) }
        recorder.record(attempt, of: self)
    }
}

/// Takes the attempts that end after their request.
protocol AttemptRecorder: AnyObject {
    func record(_ attempt: RequestTrace.Attempt, of trace: RequestTrace)
}

extension SpanID {
    /// A new id.
    static func random() -> SpanID {
        var random = SystemRandomNumberGenerator()
        return .random(using: &random)
    }
}
