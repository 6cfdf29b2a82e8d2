import Foundation
import Testing

/// A collector of traces in the test process. What it receives is decoded with the package `opentelemetry-proto`, which
/// also says that it would have encoded the same bytes.
final class Collector: Sendable {
    private let server: RecordingUpstream

    /// Starts a collector.
    ///
    /// - Parameter script: how it answers. By default it takes everything.
    static func start(
        _ script: @escaping RecordingUpstream.Script = { _, _ in .accepted }
    ) async throws -> Collector {
        Collector(server: try await RecordingUpstream.start(script))
    }

    private init(server: RecordingUpstream) {
        self.server = server
    }

    /// The environment of a gateway that exports to it, every 50 ms.
    var environment: [String: String] {
        ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_BSP_SCHEDULE_DELAY": "50"]
    }

    /// The requests that it has received.
    var requests: [RecordingUpstream.Request] { server.requests }

    func close() async throws { try await server.close() }

    /// The spans that it has received, once there are as many.
    func spans(_ count: Int) async throws -> [ExportedSpan] {
        var decoded: (requests: Int, spans: [ExportedSpan]) = (0, [])
        try await eventually("the collector has \(count) spans") {
            let requests = server.requests
            if requests.count != decoded.requests { decoded = (requests.count, try await Self.decode(requests)) }
            return decoded.spans.count >= count
        }
        return decoded.spans
    }

    /// The spans that it has received so far.
    func spansSoFar() async throws -> [ExportedSpan] { try await Self.decode(server.requests) }

    private static func decode(_ requests: [RecordingUpstream.Request]) async throws -> [ExportedSpan] {
        let bodies = requests.map { "'\(Data($0.body).base64EncodedString())'" }.joined(separator: ",")
        let script = """
            import base64, json
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
            def value(any):
                kind = any.WhichOneof('value')
                return [value(v) for v in any.array_value.values] if kind == 'array_value' else getattr(any, kind)
            def attributes(list): return {a.key: value(a.value) for a in list}
            for body in [\(bodies)]:
                raw = base64.b64decode(body)
                message = ExportTraceServiceRequest.FromString(raw)
                assert message.SerializeToString() == raw, 'the reference encodes it otherwise'
                for group in message.resource_spans:
                    for scope in group.scope_spans:
                        for s in scope.spans:
                            print(json.dumps({
                                'resource': attributes(group.resource.attributes), 'scope': scope.scope.name,
                                'name': s.name, 'kind': s.kind, 'trace': s.trace_id.hex(), 'id': s.span_id.hex(),
                                'parent': s.parent_span_id.hex(), 'state': s.trace_state,
                                'start': s.start_time_unix_nano / 1e9, 'end': s.end_time_unix_nano / 1e9,
                                'status': s.status.code, 'message': s.status.message,
                                'attributes': attributes(s.attributes), 'links': [l.span_id.hex() for l in s.links]}))
            """
        return try await Python.run(script).map { ExportedSpan(json: JSON(Array($0.utf8))) }
    }
}

/// A span as a collector sees it.
struct ExportedSpan {
    let json: JSON

    var name: String { json["name"].string ?? "" }
    var trace: String { json["trace"].string ?? "" }
    var id: String { json["id"].string ?? "" }
    var parent: String { json["parent"].string ?? "" }
    var attributes: JSON { json["attributes"] }
    var isServer: Bool { json["kind"].int == 2 }
    var isClient: Bool { json["kind"].int == 3 }
    var failed: Bool { json["status"].int == 2 }
    /// When it began and ended, in seconds since 1970.
    var times: ClosedRange<Double> {
        let start = json["start"].double ?? 0
        return start...max(start, json["end"].double ?? 0)
    }

    subscript(name: String) -> JSON { attributes[name] }
}

extension [ExportedSpan] {
    /// The first span of a request as the gateway's client sees it.
    var server: ExportedSpan? { first(where: \.isServer) }
    /// The first call to a model.
    var client: ExportedSpan? { first(where: \.isClient) }

    func named(_ name: String) -> ExportedSpan? { first { $0.name == name } }
}

extension Answer {
    /// A collector has taken everything: an empty message.
    static let accepted = Answer(headers: [("content-type", "application/x-protobuf")], body: .bytes([]))
}
