import Instrumentation
import OpenTelemetry
import Synchronization
import Tracing

/// A span of a library. It is exported when it ends, unless its trace is not recorded.
final class LibrarySpan: Tracing.Span {
    private struct State {
        var span: OpenTelemetry.Span
        var attributes = SpanAttributes([:])
        var isOver = false
    }

    let context: InstrumentationContext
    private let state: Mutex<State>
    private let export: (@Sendable (OpenTelemetry.Span) -> Void)?

    /// How many attributes, events and links a span may have, each. What is more is left out.
    private static let most = 128

    /// - Parameter export: takes the span once it has ended. It is nil where the span is not recorded.
    init(
        _ span: OpenTelemetry.Span,
        context: InstrumentationContext,
        export: (@Sendable (OpenTelemetry.Span) -> Void)?
    ) {
        self.context = context
        self.export = export
        state = Mutex(State(span: span))
    }

    var isRecording: Bool { export != nil && !state.withLock { $0.isOver } }

    var operationName: String {
        get { state.withLock { $0.span.name } }
        set { change { $0.span.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { change { $0.attributes = newValue } }
    }

    func setStatus(_ status: SpanStatus) {
        change { state in
            switch status.code {
            case .ok: state.span.status = .ok
            case .error: state.span.status = .error(status.message ?? "")
            }
        }
    }

    func addEvent(_ event: SpanEvent) {
        change { state in
            guard state.span.events.count < Self.most else { return }
            state.span.events.append(
                OpenTelemetry.Span.Event(
                    event.name,
                    at: event.nanosecondsSinceEpoch,
                    attributes: event.attributes.exported(atMost: Self.most)
                )
            )
        }
    }

    func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        // The text of an error may hold anything, so that only its type is exported.
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    func addLink(_ link: SpanLink) {
        guard let place = link.context.tracePlace else { return }
        change { state in
            guard state.span.links.count < Self.most else { return }
            let attributes = link.attributes.exported(atMost: Self.most)
            state.span.links.append(OpenTelemetry.Span.Link(place.parent, attributes: attributes))
        }
    }

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let time = instant().nanosecondsSinceEpoch
        let ended = state.withLock { state -> OpenTelemetry.Span? in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.span.end = time
            state.span.attributes = state.attributes.exported(atMost: Self.most)
            return state.span
        }
        if let ended { export?(ended) }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            if !state.isOver { body(&state) }
        }
    }
}

extension OpenTelemetry.Span.Kind {
    init(_ kind: SpanKind) {
        switch kind {
        case .server: self = .server
        case .client: self = .client
        case .producer: self = .producer
        case .consumer: self = .consumer
        case .internal: self = .internal
        }
    }
}

extension SpanAttributes {
    /// The attributes as they are exported, in the order of their names.
    fileprivate func exported(atMost limit: Int) -> [OpenTelemetry.Span.Attribute] {
        var attributes: [OpenTelemetry.Span.Attribute] = []
        forEach { name, value in
            attributes.append(OpenTelemetry.Span.Attribute(name, OpenTelemetry.Span.Value(value)))
        }
        return Array(attributes.sorted { $0.name < $1.name }.prefix(limit))
    }
}

extension OpenTelemetry.Span.Value {
    /// A value of a library's attribute. Lists of anything become lists of texts.
    fileprivate init(_ value: SpanAttribute) {
        switch value {
        case .int32(let number): self = .int(Int(number))
        case .int64(let number): self = .int(Int(number))
        case .double(let number): self = .double(number)
        case .bool(let flag): self = .bool(flag)
        case .string(let text): self = .text(text)
        case .stringConvertible(let value): self = .text("\(value)")
        case .int32Array(let values): self = .strings(values.map { "\($0)" })
        case .int64Array(let values): self = .strings(values.map { "\($0)" })
        case .doubleArray(let values): self = .strings(values.map { "\($0)" })
        case .boolArray(let values): self = .strings(values.map { "\($0)" })
        case .stringArray(let values): self = .strings(values)
        case .stringConvertibleArray(let values): self = .strings(values.map { "\($0)" })
        default: self = .string("")
        }
    }
}
