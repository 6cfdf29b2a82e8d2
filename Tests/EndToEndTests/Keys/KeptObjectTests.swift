import Foundation
import Testing

/// Responses, conversations and files that a provider keeps belong to the tenant whose request made them.
@Suite("What a provider keeps for a tenant", .timeLimit(.minutes(2)))
struct KeptObjectTests {
    private static func configuration(_ cache: String = "type: local") -> String {
        """
        model_list:
          - model_name: m
            litellm_params: {model: openai/m, api_base: "UPSTREAM/v1", api_key: key-0}
        litellm_settings:
          cache: true
          cache_params:
            \(cache)

        """ + Tenants.keys + "  default_deployment: m\n"
    }

    private static let script: RecordingUpstream.Script = { request, number in
        if request.method != "POST" { return .json(#"{"id":"seen","object":"x"}"#) }
        if request.uri == "/v1/conversations" { return .json(#"{"id":"conv_\#(number)","object":"conversation"}"#) }
        if request.uri == "/v1/files" { return .json(#"{"id":"file-\#(number)","object":"file"}"#) }
        return Answer.responses(request, number)
    }

    /// Makes an object and returns its id.
    private func make(_ gateway: GatewayProcess, _ kind: String, _ name: String) async throws -> String {
        let body =
            switch kind {
            case "responses": #"{"model":"m","input":"\#(name)"}"#
            case "streamed responses": #"{"model":"m","input":"\#(name)","stream":true}"#
            case "uncached responses": #"{"model":"m","input":"\#(name)","cache":{"no-store":true}}"#
            default: "{}"
            }
        let path = kind.hasSuffix("responses") ? "responses" : kind
        let made = try await gateway.post("/v1/\(path)", body, headers: Tenants.header(name))
        return try #require(made.text.firstMatch(of: #/(resp_|conv_|file-)\d+/#)?.output.0).description
    }

    @Test(
        "is there for it and for the master key, and not for others",
        arguments: ["responses", "streamed responses", "uncached responses", "conversations", "files"]
    )
    func byID(kind: String) async throws {
        try await withGateway(Self.configuration()) { gateway, upstream async throws in
            upstream.answer(Self.script)
            let path = kind.hasSuffix("responses") ? "responses" : kind
            for maker in Tenants.all {
                let id = try await make(gateway, kind, maker)
                for reader in Tenants.all {
                    let isSeen = Tenants.shares(maker, reader) || reader == "master"
                    for (method, tail) in [("GET", ""), ("GET", "/items"), ("POST", "/cancel"), ("HEAD", "")]
                    where method != "HEAD" {
                        let calls = upstream.calls
                        let body = method == "POST" ? "{}" : nil
                        let answer = try await gateway.send(
                            method,
                            "/v1/\(path)/\(id)\(tail)",
                            body,
                            headers: Tenants.header(reader)
                        )
                        #expect(answer.status == (isSeen ? 200 : 404), "\(maker)'s \(id), \(method) by \(reader)")
                        #expect((upstream.calls > calls) == isSeen, "nothing is asked for what is hidden")
                    }
                    if !isSeen {
                        let headers = Tenants.header(reader)
                        let deleted = try await gateway.send("DELETE", "/v1/\(path)/\(id)", nil, headers: headers)
                        #expect(deleted.status == 404)
                    }
                }
                let headers = Tenants.header(maker)
                #expect(try await gateway.send("DELETE", "/v1/\(path)/\(id)", nil, headers: headers).status == 200)
            }
        }
    }

    @Test("is continued by it and for the master key, and not by others", arguments: ["responses", "conversations"])
    func continued(kind: String) async throws {
        try await withGateway(Self.configuration()) { gateway, upstream async throws in
            upstream.answer(Self.script)
            for maker in ["a", "b", "c", "master"] {
                let id = try await make(gateway, kind, maker)
                let member = kind == "responses" ? "previous_response_id" : "conversation"
                for reader in Tenants.all {
                    let answer = try await gateway.post(
                        "/v1/responses",
                        #"{"model":"m","input":"go on","\#(member)":"\#(id)"}"#,
                        headers: Tenants.header(reader)
                    )
                    let isSeen = Tenants.shares(maker, reader) || reader == "master"
                    #expect(answer.status == (isSeen ? 200 : 400), "\(maker)'s \(id) by \(reader): \(answer.text)")
                    if !isSeen { #expect(answer.json["error"]["param"].string == member) }
                }
            }
        }
    }

    @Test("is not shown by the provider's lists, nor where nobody knows whose it is")
    func unknown() async throws {
        try await withGateway(Self.configuration()) { gateway, upstream async throws in
            upstream.answer(Self.script)
            for (path, status) in [("/v1/files", 403), ("/v1/files?limit=3", 403), ("/v1/files/file-9", 404)] {
                let own = try await gateway.get(path, headers: Tenants.header("a"))
                #expect(own.status == status && own.json["error"]["message"].string != nil)
                for name in ["c", "master"] {
                    #expect(try await gateway.get(path, headers: Tenants.header(name)).status == 200)
                }
            }
        }
    }

    @Test("is known to other gateways that share the backend, and after a restart")
    func shared() async throws {
        let redis = try await RedisServer.start()
        let configuration = Self.configuration("{type: redis, host: 127.0.0.1, port: \(redis.port)}")
            .replacing("cache_params:\n    {", with: "cache_params: {")
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Self.script)
            try await gateway.post("/v1/files", "{}", headers: Tenants.header("master")).expect(200)
            let other = try await GatewayProcess.start(configuration.replacing("UPSTREAM", with: upstream.url))
            for kind in ["responses", "uncached responses", "conversations", "files"] {
                let path = kind.hasSuffix("responses") ? "responses" : kind
                let id = try await make(gateway, kind, "a")
                try await eventually("the other gateway knows whose \(id) is") {
                    try await other.get("/v1/\(path)/\(id)", headers: Tenants.header("a")).status == 200
                }
                for name in ["b", "c"] {
                    #expect(try await other.get("/v1/\(path)/\(id)", headers: Tenants.header(name)).status == 404)
                }
                guard kind == "responses" else { continue }
                let more = #"{"model":"m","input":"go on","previous_response_id":"\#(id)"}"#
                #expect(try await other.post("/v1/responses", more, headers: Tenants.header("a")).status == 200)
                #expect(try await other.post("/v1/responses", more, headers: Tenants.header("b")).status == 400)
            }
            other.terminate()
            #expect(try await other.status == 0)
        }
    }
}

extension Response {
    fileprivate func expect(_ status: Int) throws {
        guard self.status == status else { throw HarnessError("\(self.status) rather than \(status): \(text)") }
    }
}
