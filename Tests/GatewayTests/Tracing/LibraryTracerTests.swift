import Instrumentation
import Synchronization
import Testing
import Tracing

@testable import Gateway
@testable import OpenTelemetry

@Suite("The spans of libraries")
struct LibraryTracerTests {
    /// A carrier of fields, as libraries have them.
    private struct Fields: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private final class Exported: Sendable {
        let spans = Mutex<[OpenTelemetry.Span]>([])
    }

    private func tracer(_ sampler: TraceSampler = .parentBased(.all)) -> (LibraryTracer, Exported) {
        let exported = Exported()
        return (LibraryTracer(sampler) { span in exported.spans.withLock { $0.append(span) } }, exported)
    }

    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("are exported when they end, with their attributes, events, status and times")
    func export() {
        let (tracer, exported) = tracer()
        let span = tracer.startSpan("query", ofKind: .client)
        span.attributes["rows"] = 3
        span.attributes["text"] = "a"
        span.addEvent(SpanEvent(name: "sent"))
        span.setStatus(SpanStatus(code: .error, message: "no"))
        span.recordError(CancellationError())
        #expect(exported.spans.withLock { $0.isEmpty } && span.isRecording)
        span.end()
        span.end()
        span.attributes["late"] = true
        let spans = exported.spans.withLock { $0 }
        #expect(spans.count == 1 && !span.isRecording)
        let first = spans[0]
        #expect(first.name == "query" && first.kind == .client && first.parent == nil && first.status == .error("no"))
        #expect(first.attributes == [.init("rows", .int(3)), .init("text", .string("a"))])
        #expect(first.events.map(\.name) == ["sent", "exception"] && first.end >= first.start && first.start > 0)
    }

    @Test("belong to the span within which they begin, and to the trace that a request brings")
    func parents() {
        let (tracer, exported) = tracer()
        var context = InstrumentationContext.topLevel
        tracer.extract(["traceparent": Self.parent, "tracestate": "a=1"], into: &context, using: Fields())
        let outer = tracer.startSpan("outer", context: context)
        let inner = tracer.startSpan("inner", context: outer.context)
        var fields: [String: String] = [:]
        tracer.inject(inner.context, into: &fields, using: Fields())
        inner.end()
        outer.end()
        let spans = exported.spans.withLock { $0 }
        #expect(spans.map(\.name) == ["inner", "outer"])
        #expect(spans[0].parent == spans[1].id && spans[1].parent == SpanID(0xb7ad_6b71_6920_3331))
        #expect(spans[0].traceID == spans[1].traceID && fields["tracestate"] == "a=1")
        #expect(fields["traceparent"]?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
    }

    @Test("whose trace is not recorded are not exported, and say so to others")
    func unsampled() {
        let (tracer, exported) = tracer(.none)
        let span = tracer.startSpan("quiet")
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: Fields())
        span.end()
        #expect(!span.isRecording && exported.spans.withLock { $0.isEmpty })
        #expect(fields["traceparent"]?.hasSuffix("-00") == true)
    }

    @Test("have as many attributes and events as there is room for")
    func limits() {
        let (tracer, exported) = tracer()
        let span = tracer.startSpan("large")
        for number in 0..<1_000 {
            span.attributes["n\(number)"] = number
            span.addEvent(SpanEvent(name: "e"))
        }
        span.end()
        let first = exported.spans.withLock { $0[0] }
        #expect(first.attributes.count == 128 && first.events.count == 128)
    }
}
