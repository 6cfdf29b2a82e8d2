import NIOHTTP1
import Testing

@testable import Gateway

@Suite("Admission by a request's head")
struct AdmissionTests {
    private let admission = Admission(masterKey: "sk-master", bodyLimit: 100, served: Served.routes.description)

    private func admit(
        _ method: HTTPMethod,
        _ uri: String,
        _ headers: [(String, String)] = [],
        by admission: Admission? = nil
    ) -> Result<Transaction.Caller, APIError> {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(headers))
        return (admission ?? self.admission).admit(RequestHead(head))
    }

    private func status(_ result: Result<Transaction.Caller, APIError>) -> Int {
        switch result {
        case .success: 200
        case .failure(let error): error.status
        }
    }

    @Test(
        "Only the master key grants access",
        arguments: [
            ("Bearer sk-master", 200), ("bearer sk-master", 200), ("Bearer  sk-master", 200), ("Bearer sk-maste", 401),
            ("Bearer sk-master2", 401), ("Bearer sk-mastersk-master", 401), ("Bearer ", 401), ("Bearer", 401),
            ("sk-master", 401), ("Basic sk-master", 401), ("Bearer SK-MASTER", 401), ("", 401),
        ]
    )
    func key(credential: String, expected: Int) {
        #expect(status(admit(.POST, "/v1/embeddings", [("Authorization", credential)])) == expected)
    }

    @Test("Azure's and Anthropic's ways to send a key are understood; no key is refused; a refusal names no key")
    func otherWays() {
        #expect(status(admit(.POST, "/v1/embeddings", [("api-key", "sk-master")])) == 200)
        #expect(status(admit(.POST, "/v1/embeddings", [("X-Api-Key", "sk-master")])) == 200)
        #expect(status(admit(.POST, "/v1/embeddings", [("api-key", "sk-other")])) == 401)
        for (bearer, key, expected) in [("sk-master", "x", 200), ("x", "sk-master", 200), ("x", "y", 401)] {
            let both = [("Authorization", "Bearer \(bearer)"), ("x-api-key", key)]
            #expect(status(admit(.POST, "/v1/embeddings", both)) == expected, "either one that is right admits")
        }
        guard case .failure(let error) = admit(.POST, "/v1/embeddings") else {
            return #expect(Bool(false), "admitted without a key")
        }
        #expect(error.status == 401 && error.code == "invalid_api_key" && !error.message.contains("sk-master"))
        #expect(error.headers.contains { $0 == ("www-authenticate", "Bearer") })
    }

    @Test("Probes need no key, everything else does, and without a master key nothing does")
    func probes() {
        for probe in ["/health/liveliness", "/health/liveness", "/health/readiness"] {
            #expect(status(admit(.GET, probe)) == 200)
        }
        #expect(status(admit(.GET, "/health")) == 401)
        #expect(status(admit(.GET, "/v1/models")) == 401)
        let open = Admission(masterKey: nil, bodyLimit: 100, served: Served.routes.description)
        #expect(status(admit(.GET, "/v1/models", by: open)) == 200)
    }

    @Test("A wrong path is 404 and a wrong method 405 with Allow, before any key is looked at")
    func paths() {
        #expect(status(admit(.GET, "/v2/models")) == 404)
        guard case .failure(let error) = admit(.GET, "/v1/chat/completions?key=sk-secret") else {
            return #expect(Bool(false), "admitted")
        }
        #expect(error.status == 405)
        #expect(error.headers.contains { $0 == ("allow", "POST, OPTIONS") })
        #expect(!error.message.contains("sk-secret"))
        #expect(status(admit(.POST, "/v1/models")) == 405)
        #expect(status(admit(.HEAD, "/health/liveliness")) == 200)
        #expect(status(admit(.HEAD, "/v1/files/f")) == 401, "it is passed on")
        #expect(status(admit(.TRACE, "/v1/files/f")) == 405)
        #expect(status(admit(.OPTIONS, "/v1/chat/completions")) == 200)
        #expect(status(admit(.OPTIONS, "*")) == 200)
        #expect(status(admit(.OPTIONS, "/nothing")) == 404)
    }

    @Test("A stated length over the limit is 413 and a coded body 415, before the body is read")
    func bodies() {
        let key = ("Authorization", "Bearer sk-master")
        #expect(status(admit(.POST, "/v1/embeddings", [key, ("Content-Length", "100")])) == 200)
        #expect(status(admit(.POST, "/v1/embeddings", [key, ("Content-Length", "101")])) == 413)
        for (codings, expected) in [
            ("gzip", 200), ("x-gzip", 200), ("ZSTD", 200), ("identity", 200), ("br", 415), ("gzip, gzip", 415),
        ] {
            #expect(status(admit(.POST, "/v1/embeddings", [key, ("Content-Encoding", codings)])) == expected)
            #expect(status(admit(.POST, "/v1/files", [key, ("Content-Encoding", codings)])) == 200, "its provider's")
        }
        let lines = [key, ("Content-Encoding", "gzip"), ("Content-Encoding", "zstd")]
        guard case .failure(let error) = admit(.POST, "/v1/embeddings", lines) else {
            return #expect(Bool(false), "two codings are read")
        }
        #expect(error.status == 415 && error.headers.contains { $0 == ("accept-encoding", "gzip, zstd") })
    }
}
