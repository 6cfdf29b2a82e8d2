import Configuration
import NIOHTTP1
import Synchronization
import Testing

@testable import Gateway

@Suite("Keys of tenants")
struct TenantKeyTests {
    private static func settings(_ name: String, _ change: (inout KeySettings) -> Void = { _ in }) -> KeySettings {
        var settings = KeySettings(name: name, credential: .key(Secret("sk-\(name)")))
        change(&settings)
        return settings
    }

    private static func admission(
        _ settings: [KeySettings] = [settings("a"), settings("b")],
        masterKey: String? = "sk-master",
        usages: KeyUsages = KeyUsages(),
        clock: @escaping @Sendable () -> Int64 = { 0 }
    ) throws -> Admission {
        Admission(
            masterKey: masterKey,
            keys: try ClientKeys(settings, usages: usages),
            bodyLimit: 100,
            served: Served.routes.description,
            clock: clock
        )
    }

    /// Who is admitted, or the status that the request is answered with.
    private func admit(
        _ admission: Admission,
        _ headers: [(String, String)],
        _ uri: String = "/v1/models",
        _ method: HTTPMethod = .GET
    ) -> String {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(headers))
        return switch admission.admit(RequestHead(head)) {
        case .success(.anonymous): "anonymous"
        case .success(.master): "master"
        case .success(.tenant(let tenant)): tenant.name
        case .failure(let error): "\(error.status)"
        }
    }

    @Test("Each field that carries keys is asked: the first one whose key admits anybody counts")
    func fields() throws {
        let admission = try Self.admission()
        let rows: [([(String, String)], String)] = [
            ([("Authorization", "Bearer sk-a")], "a"), ([("x-api-key", "sk-a")], "a"), ([("api-key", "sk-a")], "a"),
            ([("X-LiteLLM-API-Key", "sk-a")], "a"), ([("x-litellm-api-key", "Bearer sk-a")], "a"),
            ([("Authorization", "Bearer sk-master")], "master"), ([("x-litellm-api-key", "sk-master")], "master"),
            ([("Authorization", "Bearer sk-a"), ("x-api-key", "sk-b")], "a"),
            ([("x-api-key", "sk-b"), ("Authorization", "Bearer sk-a")], "a"),
            ([("x-api-key", "sk-a"), ("api-key", "sk-b")], "a"), ([("api-key", "sk-b"), ("x-api-key", "sk-a")], "a"),
            ([("Authorization", "Bearer x"), ("x-api-key", "sk-b")], "b"),
            ([("Authorization", "Basic x"), ("api-key", "sk-b")], "b"),
            ([("Authorization", "Bearer sk-a"), ("x-api-key", "sk-master")], "a"),
            // This one is meant for the gateway, so that a wrong one is not overlooked.
            ([("x-litellm-api-key", "sk-b"), ("Authorization", "Bearer sk-a")], "b"),
            ([("x-litellm-api-key", "x"), ("Authorization", "Bearer sk-master")], "401"),
            ([], "401"), ([("x-api-key", "")], "401"), ([("x-litellm-api-key", "")], "401"),
            ([("Authorization", "sk-a")], "401"), ([("api-key", "Bearer sk-a")], "401"),
        ]
        for (headers, expected) in rows { #expect(admit(admission, headers) == expected, "\(headers)") }
    }

    @Test("No key that is nearly one admits anybody, whatever its bytes are")
    func hostile() throws {
        let admission = try Self.admission()
        let digest = "8b8e5ac4fe8a4a8bb2a6b0e3f5b6b8e3f5b6b8e3f5b6b8e3f5b6b8e3f5b6b8e3"
        for key in [
            "sk-", "sk-aa", "sk-A", "sk-a\u{301}", "sk-ä", String(repeating: "a", count: 7_000), "\u{FEFF}sk-a", digest,
            "sk-a,sk-b", "\"sk-a\"",
        ] {
            #expect(admit(admission, [("Authorization", "Bearer \(key)")]) == "401")
            #expect(admit(admission, [("x-api-key", key)]) == "401")
        }
    }

    @Test("Only the master key is admitted to what concerns all tenants, and nobody where there is none")
    func administrative() throws {
        for path in ["/health", "/cache/ping"] {
            let admission = try Self.admission()
            #expect(admit(admission, [("Authorization", "Bearer sk-a")], path) == "403")
            #expect(admit(admission, [("Authorization", "Bearer sk-master")], path) == "master")
            let headless = try Self.admission(masterKey: nil)
            #expect(admit(headless, [("Authorization", "Bearer sk-a")], path) == "403")
            #expect(admit(headless, [], path) == "401")
        }
        #expect(admit(try Self.admission(), [], "/health/readiness") == "anonymous")
    }

    @Test("Keys without a master key close the gateway to everybody else")
    func headless() throws {
        let admission = try Self.admission(masterKey: nil)
        #expect(admit(admission, [("Authorization", "Bearer sk-a")]) == "a")
        #expect(admit(admission, []) == "401")
        #expect(admit(admission, [("Authorization", "Bearer ")]) == "401")
    }

    @Test("A key ends at its time, and the refusal says so")
    func expiry() throws {
        let expiry = try #require(Expiry("1970-01-02T00:00:00Z"))
        let time = Atomic<Int64>(86_399)
        let admission = try Self.admission([Self.settings("a") { $0.expiry = expiry }, Self.settings("b")]) {
            time.load(ordering: .relaxed)
        }
        let key = [("Authorization", "Bearer sk-a")]
        #expect(admit(admission, key) == "a")
        time.store(86_400, ordering: .relaxed)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1/models", headers: HTTPHeaders(key))
        guard case .failure(let error) = admission.admit(RequestHead(head)) else {
            return #expect(Bool(false), "an expired key is admitted")
        }
        #expect(error.status == 401 && error.code == "invalid_api_key")
        #expect(error.message.contains("'a' expired at 1970-01-02T00:00:00Z") && !error.message.contains("sk-a"))
        #expect(admit(admission, key + [("x-api-key", "sk-b")]) == "b", "another key may still count")
    }

    @Test("A key that is given by its digest admits like one that is given itself")
    func digest() throws {
        let bytes = try #require(SecretKey("c9fe2fe1bbc5c9e9c8a2a0ba2ae0a4a3c9fe2fe1bbc5c9e9c8a2a0ba2ae0a4a3")).bytes
        let other = KeySettings(name: "other", credential: .digest(bytes))
        // printf %s sk-team-a | sha256sum
        let known = try #require(SecretKey("8879f6a4ae35c420a15d35fed3b8dd07577207803d404f6d4cc4fa829dafa910"))
        let admission = try Self.admission([other, KeySettings(name: "a", credential: .digest(known.bytes))])
        #expect(admit(admission, [("Authorization", "Bearer sk-team-a")]) == "a")
    }

    @Test("A request over a limit is 429 with what OpenAI's clients read, and does not count")
    func limits() throws {
        let admission = try Self.admission([Self.settings("a") { $0.requestsPerMinute = 2 }, Self.settings("b")])
        let head = { (key: String) in
            RequestHead(
                HTTPRequestHead(
                    version: .http1_1,
                    method: .GET,
                    uri: "/v1/models",
                    headers: HTTPHeaders([("Authorization", "Bearer \(key)")])
                )
            )
        }
        for _ in 0..<2 { #expect((try? admission.admit(head("sk-a")).get()) != nil) }
        guard case .failure(let error) = admission.admit(head("sk-a")) else {
            return #expect(Bool(false), "the third is admitted")
        }
        #expect(error.status == 429 && error.code == "rate_limit_exceeded" && error.type == "requests")
        let fields = Dictionary(error.headers) { first, _ in first }
        #expect(fields["retry-after"] == "30" && fields["x-ratelimit-limit-requests"] == "2")
        #expect(fields["x-ratelimit-remaining-requests"] == "0")
        #expect(fields["x-ratelimit-reset-requests"].map { $0 == "1m0s" || $0.hasPrefix("59.9") } == true)
        for _ in 0..<5 {
            #expect((try? admission.admit(head("sk-b")).get()) != nil, "other keys have their own limits")
        }
    }

    @Test("A configuration that takes the place of another goes on counting for the keys that stay")
    func reload() throws {
        let usages = KeyUsages()
        let limited = Self.settings("a") { $0.requestsPerMinute = 1 }
        let before = try Self.admission([limited], usages: usages)
        #expect(admit(before, [("Authorization", "Bearer sk-a")]) == "a")
        var changed = limited
        changed.credential = .key(Secret("sk-new"))
        let after = try Self.admission([changed], usages: usages)
        #expect(admit(after, [("Authorization", "Bearer sk-new")]) == "429")
        withExtendedLifetime(before) {}
    }

    @Test("The same key twice, or the master key, is a mistake with its place")
    func duplicates() throws {
        func at(_ line: Int, _ settings: KeySettings) -> KeySettings {
            var settings = settings
            settings.credentialPosition = SourcePosition(file: "c.yaml", line: line, column: 7)
            return settings
        }
        let known = try #require(SecretKey("8879f6a4ae35c420a15d35fed3b8dd07577207803d404f6d4cc4fa829dafa910"))
        let diagnostics = try ClientKeys.diagnostics(
            Settings(
                masterKey: Secret("sk-m"),
                keys: [
                    at(1, Self.settings("team-a")), at(2, KeySettings(name: "b", credential: .digest(known.bytes))),
                    at(3, Self.settings("m")), at(4, Self.settings("fine")),
                ]
            )
        )
        #expect(
            diagnostics.map(\.description) == [
                "c.yaml:2:7: the key of 'b' has been given to 'team-a' on line 1 already; give it one of its own",
                "c.yaml:3:7: the key of 'm' is the master key; give it one of its own",
            ]
        )
    }
}
