import HTTPSyntax
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("The fields of a request")
struct RequestFieldsTests {
    private func fields(_ headers: [(String, String)]) -> RequestFields {
        RequestHead(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: HTTPHeaders(headers))).fields
    }

    @Test("Only the listed fields go upstream, whatever the case of their names")
    func forwarded() {
        let secret = ["authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"]
        let hop = [
            "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length",
            "expect", "accept-encoding", "proxy-connection", "cache-control", "pragma", "openai-organization",
            "x-forwarded-for", "x-request-id",
        ]
        let listed = [
            "user-agent", "traceparent", "tracestate", "x-client-request-id", "idempotency-key", "openai-beta",
        ]
        let all = (secret + hop + listed).flatMap { [($0, "v"), ($0.uppercased(), "v")] }
        var names: [String] = []
        fields(all).forwarded.forEach { name, _ in names.append(name.lowercased()) }
        #expect(Set(names) == Set(listed))
        #expect(names.count == 2 * listed.count)
    }

    @Test("Fields that mean something are found whatever the case of their names")
    func meaning() {
        let found = fields([
            ("CACHE-CONTROL", "no-cache"), ("cache-control", "max-age=5"), ("Content-Length", "12"),
            ("EXPECT", "100-Continue"), ("Content-Encoding", "gzip"), ("OpenAI-Beta", "a"), ("openai-beta", "b"),
            ("PRAGMA", "x"), ("pragma", "no-cache"), ("X-Request-ID", "first"), ("x-request-id", "second"),
        ])
        #expect(found.requestID == "first")
        #expect(found.pragma == "x,no-cache")
        #expect(found.cacheControl == ["no-cache", "max-age=5"])
        #expect(found.contentLength == 12 && found.expectsContinue && found.contentEncoding == "gzip")
        #expect(found.keyedValues == Array("a,b".utf8))
    }

    @Test("A request for a tunnel ends the connection; one for another protocol is a request like any other")
    func tunnels() {
        for (line, fields, keepsAlive) in [
            ("CONNECT a:1", "", false), ("GET /", "Connection: Upgrade\r\nUpgrade: h2c\r\n", true),
        ] {
            var reader = RequestReader(limits: .init(), Served.routes)
            reader.receive(ByteBuffer(string: "\(line) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"))
            guard case .head(let head) = reader.next() else { return #expect(Bool(false), "not read") }
            #expect(head.keepsAlive == keepsAlive)
        }
    }
}
