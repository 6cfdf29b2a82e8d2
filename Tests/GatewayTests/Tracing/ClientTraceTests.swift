import HTTPSyntax
import OpenTelemetry
import Testing

@testable import Gateway

@Suite("What a client says of its trace")
struct ClientTraceTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("is read whatever the case of the names is and whatever space is around the values")
    func read() {
        let trace = ClientTrace(
            ForwardedFields([
                ("User-Agent", "x"), ("TraceParent", "  \(Self.parent)\t"), ("TRACESTATE", "a=1"),
                ("tracestate", "b=2"),
            ])
        )
        #expect(trace.parent.map { String(decoding: $0.bytes, as: UTF8.self) } == Self.parent)
        #expect(trace.state.map { String(decoding: $0.bytes, as: UTF8.self) } == "a=1,b=2")
    }

    @Test("is nothing where there are two parents, and the state means nothing without one")
    func ambiguous() {
        let twice = ClientTrace(
            ForwardedFields([("traceparent", Self.parent), ("traceparent", Self.parent), ("tracestate", "a=1")])
        )
        #expect(twice.parent == nil && twice.state == nil)
        let none = ClientTrace(ForwardedFields([("tracestate", "a=1")]))
        #expect(none.parent == nil && none.state == nil)
        #expect(ClientTrace(ForwardedFields()).parent == nil)
    }

    @Test("keeps its parent where its state is malformed")
    func state() {
        let trace = ClientTrace(ForwardedFields([("traceparent", Self.parent), ("tracestate", "a=1,a=2")]))
        #expect(trace.parent != nil && trace.state == nil)
    }
}
