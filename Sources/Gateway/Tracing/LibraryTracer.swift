import Instrumentation
import OpenTelemetry
import Synchronization
import Tracing

/// The tracer of the process, to which libraries give their spans. The gateway's own spans are made of the records of
/// requests and do not pass through it.
struct LibraryTracer: Tracer {
    private let sampler: TraceSampler
    private let export: @Sendable (OpenTelemetry.Span) -> Void

    /// - Parameter export: takes a span that has ended. It must not block.
    init(_ sampler: TraceSampler, export: @escaping @Sendable (OpenTelemetry.Span) -> Void) {
        self.sampler = sampler
        self.export = export
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> LibrarySpan {
        var context = context()
        let place = context[TracePlaceKey.self]
        var random = SystemRandomNumberGenerator()
        let traceID = place?.parent.traceID ?? .random(using: &random)
        let isRecorded = sampler.records(traceID, parent: place?.parent)
        let span = OpenTelemetry.Span(
            operationName,
            kind: OpenTelemetry.Span.Kind(kind),
            traceID: traceID,
            id: .random(using: &random),
            parent: place?.parent.spanID,
            state: place?.state,
            start: instant().nanosecondsSinceEpoch,
            end: 0
        )
        let flags = (place?.parent.flags ?? 0) & 0b10 | (isRecorded ? 1 : 0)
        context[TracePlaceKey.self] = TracePlace(
            parent: TraceParent(traceID: traceID, spanID: span.id, flags: flags),
            state: place?.state
        )
        return LibrarySpan(span, context: context, export: isRecorded ? export : nil)
    }

    func startAnySpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> any Tracing.Span {
        startSpan(
            operationName,
            context: context(),
            ofKind: kind,
            at: instant(),
            function: function,
            file: fileID,
            line: line
        )
    }

    /// Spans are exported when they have ended, and there is nothing that could be waited for here.
    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let value = extractor.extract(key: "traceparent", from: carrier),
            let parent = Array(value.utf8).withUnsafeBytes({ TraceParent($0) })
        else { return }
        let state = extractor.extract(key: "tracestate", from: carrier).flatMap { TraceState([Array($0.utf8)]) }
        context[TracePlaceKey.self] = TracePlace(parent: parent, state: state)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context[TracePlaceKey.self] else { return }
        injector.inject(String(decoding: place.parent.bytes, as: UTF8.self), forKey: "traceparent", into: &carrier)
        guard let state = place.state else { return }
        injector.inject(String(decoding: state.bytes, as: UTF8.self), forKey: "tracestate", into: &carrier)
    }
}

/// Where in a trace something happens.
struct TracePlace: Sendable {
    let parent: TraceParent
    let state: TraceState?
}

private enum TracePlaceKey: InstrumentationContextKey {
    typealias Value = TracePlace
    static var nameOverride: String? { "trace" }
}

extension InstrumentationContext {
    /// Where in a trace something with this context happens. It is nil where that is in none.
    var tracePlace: TracePlace? { self[TracePlaceKey.self] }
}
