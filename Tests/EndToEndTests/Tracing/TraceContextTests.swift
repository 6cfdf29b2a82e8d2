import Foundation
import Testing

@Suite("The trace of a client", .timeLimit(.minutes(1)))
struct TraceContextTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private static let state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"

    @Test("goes to the model unchanged where tracing is off, whatever it says")
    func off() async throws {
        try await withGateway { gateway, upstream async throws in
            for (number, parent) in [Self.parent, "malformed", "FF-00"].enumerated() {
                _ = try await gateway.chat("\(number)", headers: ["TraceParent": parent, "tracestate": Self.state])
                _ = try await gateway.embed(["\(number)"], headers: ["traceparent": parent])
                _ = try await gateway.post("/v1/threads", #"{"model":"gpt-4"}"#, headers: ["traceparent": parent])
            }
            let parents = upstream.requests.map { $0["traceparent"] }
            #expect(parents == [Self.parent, "malformed", "FF-00"].flatMap { [$0, $0, $0] })
            #expect(upstream.requests[0]["tracestate"] == Self.state)
        }
    }

    @Test("goes on through the gateway's own spans to the model, for every kind of request")
    func on() async throws {
        let collector = try await Collector.start()
        try await withGateway(environment: collector.environment) { gateway, upstream async throws in
            let headers = ["TraceParent": Self.parent, "tracestate": Self.state]
            _ = try await gateway.chat("hello", headers: headers)
            _ = try await gateway.embed(["hello"], headers: headers)
            _ = try await gateway.post("/v1/threads", #"{"model":"gpt-4"}"#, headers: headers)
            let spans = try await collector.spans(8)
            let servers = spans.filter(\.isServer)
            #expect(servers.map(\.parent) == ["b7ad6b7169203331", "b7ad6b7169203331", "b7ad6b7169203331"])
            #expect(Set(spans.map(\.trace)) == ["0af7651916cd43dd8448eb211c80319c"])
            #expect(spans.allSatisfy { $0.json["state"].string == Self.state })
            let clients = spans.filter(\.isClient)
            #expect(clients.map(\.parent) == servers.map(\.id))
            #expect(
                upstream.requests.map { $0["traceparent"] }
                    == clients.map { "00-0af7651916cd43dd8448eb211c80319c-\($0.id)-01" }
            )
            #expect(upstream.requests.allSatisfy { $0["tracestate"] == Self.state })
            #expect(upstream.requests.allSatisfy { $0.headers.count { $0.name.lowercased() == "traceparent" } == 1 })
        }
    }

    @Test(
        "that is malformed is ignored, and with it its state: another trace begins",
        arguments: ["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "malformed", "00-XYZ"]
    )
    func malformed(parent: String) async throws {
        let collector = try await Collector.start()
        try await withGateway(environment: collector.environment) { gateway, upstream async throws in
            _ = try await gateway.chat("hello", headers: ["traceparent": parent, "tracestate": Self.state])
            let spans = try await collector.spans(3)
            let server = try #require(spans.server)
            let client = try #require(spans.client)
            #expect(server.parent.isEmpty && server.trace != "0af7651916cd43dd8448eb211c80319c")
            #expect(upstream.requests.first?["traceparent"] == "00-\(server.trace)-\(client.id)-01")
            #expect(upstream.requests.first?["tracestate"] == nil)
        }
    }

    @Test("that its client does not record is passed on unchanged and not recorded here")
    func unsampled() async throws {
        let collector = try await Collector.start()
        try await withGateway(environment: collector.environment) { gateway, upstream async throws in
            let unsampled = String(Self.parent.dropLast()) + "0"
            _ = try await gateway.chat("one", headers: ["traceparent": unsampled, "tracestate": Self.state])
            _ = try await gateway.chat("two")
            let spans = try await collector.spans(3)
            #expect(!spans.contains { $0.trace == "0af7651916cd43dd8448eb211c80319c" })
            #expect(upstream.requests[0]["traceparent"] == unsampled)
            #expect(upstream.requests[0]["tracestate"] == Self.state)
        }
    }

    @Test("is recorded by the rule that OTEL_TRACES_SAMPLER gives")
    func samplers() async throws {
        let collector = try await Collector.start()
        let environment = collector.environment.merging(["OTEL_TRACES_SAMPLER": "always_off"]) { $1 }
        try await withGateway(environment: environment) { gateway, upstream async throws in
            _ = try await gateway.chat("one", headers: ["traceparent": Self.parent])
            _ = try await gateway.chat("two")
            #expect(upstream.requests.map { $0["traceparent"] } == [Self.parent, nil])
        }
        #expect(collector.requests.isEmpty)
    }
}
