import CodedBodies
import Foundation
import Testing

/// Requests whose bodies have a content coding (RFC 9110 section 8.4).
@Suite("A request with a coded body", .timeLimit(.minutes(1)))
struct CodedRequestTests {
    private static let configuration = Configurations.local + "general_settings:\n  default_deployment: gpt-4\n"

    private static func code(_ coding: String, _ body: [UInt8]) -> [UInt8] {
        coding == "zstd" ? Coded.zstd(body) : Coded.gzip(body)
    }

    private static func request(_ path: String, _ codings: String, _ body: [UInt8], isChunked: Bool = false) -> [UInt8]
    {
        let length =
            isChunked
            ? "Transfer-Encoding: chunked\r\n\r\n\(String(body.count, radix: 16))\r\n"
            : "Content-Length: \(body.count)\r\n\r\n"
        let head =
            "POST \(path) HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Encoding: \(codings)\r\n"
        return Array((head + length).utf8) + body + Array((isChunked ? "\r\n0\r\n\r\n" : "").utf8)
    }

    private static func chat(_ question: String, padding: Int = 0, model: String = "gpt-4") -> [UInt8] {
        let pad = String(repeating: "padding ", count: padding / 8)
        return Array(#"{"model":"\#(model)","messages":[{"role":"user","content":"\#(question)\#(pad)"}]}"#.utf8)
    }

    @Test("is the same request as the one that it stands for, to the cache and to the model")
    func same() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let connection = try await gateway.connect()
            for (number, padding) in [0, 100_000, 3_000_000].enumerated() {
                let body = Self.chat("coded \(number)", padding: padding)
                for (coding, isChunked) in [("gzip", false), ("zstd", false), ("X-GZIP", true), ("zstd", true)] {
                    let coded = Self.code(coding, body)
                    try await connection.send(
                        Self.request("/v1/chat/completions", coding, coded, isChunked: isChunked)
                    )
                    let answer = try await connection.readResponse()
                    #expect(answer.status == 200 && answer.isHit == (coding != "gzip" || isChunked), "\(coding)")
                }
                let plain = String(decoding: body, as: UTF8.self)
                #expect(try await gateway.post("/v1/chat/completions", plain).isHit)
                let received = try #require(upstream.requests.last)
                let sent = Self.chat("coded \(number)", padding: padding, model: "gpt-4-0613")
                #expect(received.body == sent && received["content-encoding"] == nil, "\(padding)")
                #expect(received["content-length"] == String(sent.count))
            }
            #expect(upstream.calls == 3)
            #expect(try await gateway.heldBytes() == 0)
        }
    }

    @Test("is refused where it is damaged, too large when it is decoded, or coded in another way")
    func refused() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            let connection = try await gateway.connect()
            let bomb = [UInt8](repeating: UInt8(ascii: " "), count: 33 << 20)
            let short = Self.chat("refused")
            let long = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
            for (codings, body, status) in [
                ("gzip", Coded.gzip(bomb), 413), ("zstd", Coded.zstd(bomb), 413),
                ("gzip", Array(Coded.gzip(short).dropLast()), 400), ("zstd", Coded.zstd(short) + [0], 400),
                ("gzip", Array(Coded.gzip(long).dropLast()), 400), ("gzip", short, 400), ("zstd", [], 400),
                ("br", short, 415), ("gzip, zstd", short, 415),
            ] as [(String, [UInt8], Int)] {
                for path in ["/v1/chat/completions", "/v1/messages"] {
                    try await connection.send(Self.request(path, codings, body))
                    let answer = try await connection.readResponse()
                    let code =
                        path == "/v1/messages"
                        ? answer.json["type"].string == "error" : answer.json["error"]["message"].string != nil
                    #expect(answer.status == status && code, "\(codings) \(status): \(answer.text)")
                    #expect(answer["accept-encoding"] == (status == 415 ? "gzip, zstd" : nil))
                }
            }
            #expect(upstream.calls == 0)
            #expect(try await gateway.heldBytes() == 0)
        }
    }

    @Test("is passed on as it is where its provider reads it")
    func passedOn() async throws {
        try await withGateway(Self.configuration) { gateway, upstream async throws in
            upstream.answer(with: .json("{}"))
            let connection = try await gateway.connect()
            let body = Coded.gzip(Array(#"{"model":"gpt-3.5-turbo"}"#.utf8))
            for (codings, body) in [("gzip", body), ("br, x", [1, 2, 3])] {
                try await connection.send(Self.request("/v1/fine_tuning/jobs", codings, body))
                #expect(try await connection.readResponse().status == 200)
                let received = try #require(upstream.requests.last)
                #expect(received.body == body && received["content-encoding"] == codings)
            }
        }
    }
}
