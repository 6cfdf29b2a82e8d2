import OpenTelemetry
import Testing

@testable import OpenTelemetry

/// The expected bytes were made with the package opentelemetry-proto for Python.
@Suite("Spans in Protocol Buffers")
struct EncodingTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func span() throws -> Span {
        var span = Span(
            "POST /v1/chat/completions",
            kind: .server,
            traceID: try #require(TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)),
            id: try #require(SpanID(0xb7ad_6b71_6920_3331)),
            parent: SpanID(0x00f0_67aa_0ba9_02b7),
            state: TraceState([Array("rojo=1".utf8)]),
            start: 1_700_000_000_000_000_001,
            end: 1_700_000_001_000_000_002
        )
        span.set("text", .string("é"))
        span.set("empty", .string(""))
        span.set("flag", .bool(false))
        span.set("number", .int(-1))
        span.set("large", .int(300))
        span.set("share", .double(0.5))
        span.set("list", .strings(["a", ""]))
        span.events = [Span.Event("cut", at: 1_700_000_000_500_000_000, attributes: [.init("n", .int(0))])]
        span.links = [
            Span.Link(
                TraceParent(
                    traceID: try #require(TraceID(high: 0, low: 7)),
                    spanID: try #require(SpanID(8)),
                    flags: 1
                ),
                attributes: [.init("why", .string("follows"))]
            )
        ]
        span.status = .error("why not")
        return span
    }

    @Test("are encoded byte for byte as the reference encodes them")
    func reference() throws {
        #expect(hexadecimal(try span().encoded) == Self.spanBytes)
    }

    @Test("are wrapped in the resource and the scope that they come from")
    func request() throws {
        let request = ExportRequest(
            resource: [.init("service.name", .string("gateway"))],
            scope: (name: "gateway", version: "1.0")
        )
        var small = try span()
        small.attributes = []
        small.events = []
        small.links = []
        small.state = nil
        small.parent = nil
        small.status = .unset
        #expect(hexadecimal(request.encoded([small.encoded, small.encoded])) == Self.requestBytes)
    }

    @Test("that a collector refused are counted, and its reason is read")
    func partialSuccess() {
        // ExportTraceServiceResponse(partial_success=(rejected_spans=3, error_message="full"))
        let response = ExportResponse([0x0A, 0x08, 0x08, 0x03, 0x12, 0x04, 0x66, 0x75, 0x6C, 0x6C])
        #expect(response.rejectedSpans == 3 && response.message == "full")
        #expect(ExportResponse([]).rejectedSpans == 0)
    }

    @Test("and an answer that is no message say nothing")
    func nonsense() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            _ = ExportResponse(bytes)
        }
        #expect(ExportResponse([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x08]).rejectedSpans == 0)
        #expect(ExportResponse(Array("<html>".utf8)).rejectedSpans == 0)
    }

    @Test("have texts from outside that are cut off")
    func longTexts() {
        guard case .string(let text) = Span.Value.text(String(repeating: "é", count: 500)) else { return }
        #expect(text.utf8.count <= Span.longestText + 3)
    }
}

extension EncodingTests {
    private static let spanBytes =
        "0a100af7651916cd43dd8448eb211c80319c1208b7ad6b71692033311a06726f6a6f3d31220800f067aa0ba902"
        + "b72a19504f5354202f76312f636861742f636f6d706c6574696f6e7330023901002a36fe9c97174102cac471fe"
        + "9c97174a0c0a047465787412040a02c3a94a0b0a05656d70747912020a004a0a0a04666c6167120210004a150a"
        + "066e756d626572120b18ffffffffffffffffff014a0c0a056c61726765120318ac024a120a0573686172651209"
        + "21000000000000e03f4a130a046c697374120b2a090a030a01610a020a005a17090065f753fe9c971712036375"
        + "741a070a016e120218006a330a10000000000000000000000000000000071208000000000000000822100a0377"
        + "687912090a07666f6c6c6f777335010000007a0b1207776879206e6f741802"

    private static let requestBytes =
        "0aca010a1b0a190a0c736572766963652e6e616d6512090a076761746577617912aa010a0e0a07676174657761"
        + "791203312e30124b0a100af7651916cd43dd8448eb211c80319c1208b7ad6b71692033312a19504f5354202f76"
        + "312f636861742f636f6d706c6574696f6e7330023901002a36fe9c97174102cac471fe9c9717124b0a100af765"
        + "1916cd43dd8448eb211c80319c1208b7ad6b71692033312a19504f5354202f76312f636861742f636f6d706c65"
        + "74696f6e7330023901002a36fe9c97174102cac471fe9c9717"
}
