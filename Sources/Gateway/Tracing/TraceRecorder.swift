import CallTypes
import Dialects
import NIOCore
import OpenTelemetry

/// Decides for the requests of one event loop whether their traces are recorded, and makes spans of those that are once
/// they have ended. It is bound to that loop.
final class TraceRecorder: TransactionObserver {
    private let sampler: TraceSampler
    private let endpoints: EndpointNames
    private let operations: OperationNames
    private let export: ([Span]) -> Void
    private let clock: () -> SpanClock
    private var random = SystemRandomNumberGenerator()

    /// - Parameter export: takes spans that have ended. It must not block.
    init(
        _ sampler: TraceSampler,
        endpoints: EndpointNames = .served,
        operations: OperationNames = .served,
        clock: @escaping () -> SpanClock = { SpanClock() },
        export: @escaping ([Span]) -> Void
    ) {
        self.sampler = sampler
        self.endpoints = endpoints
        self.operations = operations
        self.clock = clock
        self.export = export
    }

    /// Begins the trace of a request, or takes part in the client's. It is nil where the trace is not recorded; what the
    /// client says of it is then passed on unchanged.
    func begin(_ head: borrowing RequestHead) -> RequestTrace? {
        guard head.route.isTraced else { return nil }
        let client = ClientTrace(head.fields.forwarded)
        let traceID = client.parent?.traceID ?? .random(using: &random)
        guard sampler.records(traceID, parent: client.parent) else { return nil }
        return RequestTrace(
            traceID: traceID,
            parent: client.parent,
            state: client.state,
            method: head.method,
            operation: operations.name(for: head.route),
            recorder: self
        )
    }

    func ended(_ transaction: borrowing Transaction) {
        guard let trace = transaction.trace else { return }
        trace.end()
        let clock = clock()
        var spans = [trace.serverSpan(of: transaction, endpoints, clock)]
        if let lookup = trace.lookupSpan(of: transaction, clock) { spans.append(lookup) }
        for attempt in trace.attempts {
            // The tokens are those of the answer, which the last attempt brought.
            let isLast = attempt.number == trace.attempts.count
            spans.append(
                trace.clientSpan(
                    of: attempt,
                    usage: isLast ? transaction.spentTokens : nil,
                    isStream: transaction.isStream,
                    clock
                )
            )
        }
        export(spans)
    }
}

extension TraceRecorder: AttemptRecorder {
    func record(_ attempt: RequestTrace.Attempt, of trace: RequestTrace) {
        export([trace.clientSpan(of: attempt, usage: nil, isStream: false, clock())])
    }
}

extension Route {
    /// Whether requests are traced: not those that only ask how the gateway is, which come all the time.
    fileprivate var isTraced: Bool {
        switch self {
        case .liveness, .readiness, .health, .cachePing: false
        default: true
        }
    }
}

/// What the GenAI semantic conventions call the calls that go to models.
struct OperationNames: Sendable {
    /// Those of the calls that the gateway serves.
    static let served = OperationNames(.served)

    /// The names, by the positions of the calls' types.
    private let names: [String]

    init(_ dialects: DialectTable) {
        names = dialects.calls.map { Self.name(ofPath: dialects.types[$0.type].upstreamPath) }
    }

    /// The name of what a request asks a model to do. It is nil where it is passed on unread, or asks no model.
    func name(for route: Route) -> String? {
        switch route {
        case .inference(let type), .deployment(let type, _), .form(let type, _):
            names.indices.contains(type.position) ? names[type.position] : nil
        default: nil
        }
    }

    /// Where the conventions have no name, it is the path's.
    private static func name(ofPath path: String) -> String {
        switch path {
        case "/chat/completions", "/messages", "/responses": "chat"
        case "/completions": "text_completion"
        case "/embeddings": "embeddings"
        default: String(path.dropFirst())
        }
    }
}

/// Turns the times of records into times since 1970.
struct SpanClock {
    private let unix: UInt64
    private let monotonic: NIODeadline

    init() {
        self.init(time: MachineClock.precise(), monotonic: .now())
    }

    /// - Parameters:
    ///   - time: the time since 1970.
    ///   - monotonic: the same moment by the clock of records.
    init(time: MachineClock.Time, monotonic: NIODeadline) {
        unix = UInt64(clamping: time.seconds) &* 1_000_000_000 &+ UInt64(clamping: time.nanoseconds)
        self.monotonic = monotonic
    }

    /// A time in nanoseconds since 1970.
    func nanoseconds(_ time: NIODeadline) -> UInt64 {
        let difference = (time - monotonic).nanoseconds
        return difference < 0 ? unix &- difference.magnitude : unix &+ UInt64(difference)
    }
}
