import Foundation
import Testing

/// Who is answered from the cache with what was made for whom. docs/operating.md has the table.
@Suite("The matrix of tenants", .timeLimit(.minutes(4)))
struct TenantMatrixTests {
    private static let models = """
        model_list:
          - model_name: gpt-4
            litellm_params: {model: openai/gpt-4-0613, api_base: UPSTREAM/v1, api_key: sk-upstream}
          - model_name: text-embedding-ada-002
            litellm_params: {model: openai/text-embedding-ada-002, api_base: UPSTREAM/v1, api_key: sk-upstream}
          - model_name: claude
            litellm_params: {model: anthropic/claude-sonnet, api_base: UPSTREAM, api_key: sk-upstream}

        """

    private static func configuration(_ parameters: String) -> String {
        let calls =
            "supported_call_types: [completion, text_completion, embedding, responses, anthropic_messages, rerank, "
            + "moderation, speech, transcription, image_generation]"
        let lines = (parameters + "\n" + calls).split(separator: "\n").map { "    \($0)\n" }.joined()
        return models + "litellm_settings:\n  cache: True\n  cache_params:\n" + lines + Tenants.keys
    }

    /// A call, the forms in which it is asked, and its body for a question.
    private struct Endpoint {
        let name: String
        let path: String
        var forms = ["whole"]
        let body: @Sendable (String) -> String
        var headers: [String: String] = [:]
    }

    private static let endpoints = [
        Endpoint(name: "chat", path: "/v1/chat/completions", forms: ["whole", "stream"]) {
            #"{"model":"gpt-4","messages":[{"role":"user","content":"\#($0)"}]"#
        },
        Endpoint(name: "completions", path: "/v1/completions", forms: ["whole", "stream"]) {
            #"{"model":"gpt-4","prompt":"\#($0)""#
        },
        Endpoint(name: "embeddings", path: "/v1/embeddings") {
            #"{"model":"text-embedding-ada-002","input":["\#($0) one","\#($0) two"]"#
        },
        Endpoint(name: "responses", path: "/v1/responses", forms: ["whole", "stream"]) {
            #"{"model":"gpt-4","input":"\#($0)""#
        },
        Endpoint(name: "messages", path: "/v1/messages", forms: ["whole", "stream"]) {
            #"{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"text"}],"system":"\#($0)""#
        },
        Endpoint(name: "rerank", path: "/v1/rerank") { #"{"model":"gpt-4","query":"\#($0)","documents":["a"]"# },
        Endpoint(name: "moderations", path: "/v1/moderations") { #"{"model":"gpt-4","input":"\#($0)""# },
        Endpoint(name: "speech", path: "/v1/audio/speech") { #"{"model":"gpt-4","voice":"v","input":"\#($0)""# },
        Endpoint(name: "images", path: "/v1/images/generations") { #"{"model":"gpt-4","prompt":"\#($0)""# },
        Endpoint(
            name: "transcriptions",
            path: "/v1/audio/transcriptions",
            body: {
                "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4\r\n--XyZ\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\($0)\r\n--XyZ--\r\n"
            },
            headers: ["Content-Type": "multipart/form-data; boundary=XyZ"]
        ),
    ]

    private static let script: RecordingUpstream.Script = { request, number in
        let isStream = request.json["stream"].bool == true
        if request.uri.hasSuffix("/messages") { return Claude.script(request, number) }
        if request.uri.hasSuffix("/responses") { return Answer.responses(request, number) }
        if request.uri.hasSuffix("/chat/completions"), isStream { return .chatStream(["answer"], usage: true) }
        if request.uri.hasSuffix("/completions"), isStream {
            return .stream([
                #"data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"x","logprobs":null,"finish_reason":"stop"}]}"#
                    + "\n\n", "data: [DONE]\n\n",
            ])
        }
        if request.uri.hasSuffix("/rerank") { return .json(#"{"results":[{"index":0,"relevance_score":0.5}]}"#) }
        if request.uri.hasSuffix("/moderations") { return .json(#"{"id":"m","model":"m","results":[{}]}"#) }
        if request.uri.contains("/images/") { return .json(#"{"created":1,"data":[{"b64_json":"x"}]}"#) }
        if request.uri.contains("/audio/") {
            return Answer(headers: [("content-type", "audio/mpeg")], body: .bytes([0xFF, 0xFB]))
        }
        return Answer.standard(request, number)
    }

    /// For whom an answer was made, and who asks then.
    private static let relations: [(title: String, pairs: [(String, String)])] = [
        ("the same key", Tenants.all.map { ($0, $0) }),
        ("another `own`", [("a", "b"), ("b", "a")]),
        ("`own`, then `shared`", [("a", "c"), ("b", "d")]),
        ("`shared`, then `own`", [("c", "a"), ("d", "b")]),
        ("another `shared`", [("c", "d"), ("d", "c")]),
        ("`shared`, then the master key", [("c", "master")]),
        ("the master key, then `shared`", [("master", "d")]),
        ("`own`, then the master key", [("a", "master")]),
        ("the master key, then `own`", [("master", "b")]),
    ]

    /// Asks the question of each pair, first with the one key and then with the other. The result is a row of the table for
    /// each endpoint and form.
    private func rows(_ gateway: GatewayProcess, _ endpoints: [Endpoint]) async throws -> [String] {
        var rows: [String] = []
        for endpoint in endpoints {
            for form in endpoint.forms {
                var cells: [String] = []
                for (index, relation) in Self.relations.enumerated() {
                    var seen: Set<String> = []
                    for (maker, reader) in relation.pairs {
                        let body = endpoint.body("\(form) \(index) \(maker) \(reader)")
                        let isForm = !endpoint.headers.isEmpty
                        let text = isForm ? body : body + (form == "stream" ? #","stream":true}"# : "}")
                        func ask(_ name: String) async throws -> Response {
                            let headers = endpoint.headers.merging(Tenants.header(name)) { $1 }
                            return try await gateway.post(endpoint.path, text, headers: headers)
                        }
                        let made = try await ask(maker)
                        #expect(made.status == 200 && !made.isHit, "\(endpoint.name) \(form): \(made.text)")
                        let read = try await ask(reader)
                        #expect(read.status == 200)
                        #expect(
                            read.isHit == Tenants.shares(maker, reader),
                            "\(endpoint.name) \(form) \(maker) \(reader)"
                        )
                        seen.insert(read.isHit ? "hit" : "miss")
                        // What the second one made hides nothing from the first one.
                        #expect(try await ask(maker).isHit)
                    }
                    cells.append(seen.sorted().joined(separator: " or "))
                }
                rows.append("| \(endpoint.name), \(form) | " + cells.joined(separator: " | ") + " |")
            }
        }
        return rows
    }

    private static var head: [String] {
        [
            "| made for, then asked by | " + relations.map(\.title).joined(separator: " | ") + " |",
            "| --- |" + relations.map { _ in " --- |" }.joined(),
        ]
    }

    @Test("The table in the documentation is what a gateway with the local cache does")
    func local() async throws {
        try await withGateway(Self.configuration("type: local")) { gateway, upstream async throws in
            upstream.answer(Self.script)
            let table = (Self.head + (try await rows(gateway, Self.endpoints))).joined(separator: "\n")
            let page = try String(contentsOf: Repository.root.appending(path: "docs/operating.md"), encoding: .utf8)
            #expect(page.contains(table), "the table is now:\n\(table)")
        }
    }

    @Test("Redis has the same matrix, and so has another gateway that shares it")
    func redis() async throws {
        let server = try await RedisServer.start()
        let configuration = Self.configuration("type: redis\nhost: 127.0.0.1\nport: \(server.port)\nlookup_timeout: 5")
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Self.script)
            _ = try await rows(gateway, Self.endpoints)
            let other = try await GatewayProcess.start(configuration.replacing("UPSTREAM", with: upstream.url))
            let body = #"{"model":"gpt-4","messages":[{"role":"user","content":"across"}]}"#
            for maker in Tenants.all {
                let made = try await gateway.post("/v1/chat/completions", body, headers: Tenants.header(maker))
                #expect(made.status == 200)
                try await eventually("the other gateway has what \(maker) sees") {
                    let only = Tenants.header(maker).merging(["Cache-Control": "only-if-cached"]) { $1 }
                    return try await other.post("/v1/chat/completions", body, headers: only).isHit
                }
            }
            other.terminate()
            #expect(try await other.status == 0)
        }
    }

    @Test("A bucket has the same matrix")
    func bucket() async throws {
        let bucket = try await Implementation.seaweed.bucket()
        let configuration = Self.configuration(bucket.parameters("lookup_timeout: 5"))
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Self.script)
            let few = Self.endpoints.filter { ["chat", "embeddings", "responses"].contains($0.name) }
            _ = try await rows(gateway, few)
        }
    }

    @Test("Requests at the same time share a call to the model where they share the cache, and nowhere else")
    func flights() async throws {
        try await withGateway(Self.configuration("type: local")) { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                answer.gate = gate
                return answer
            }
            let body = #"{"model":"gpt-4","messages":[{"role":"user","content":"at once"}]}"#
            try await withThrowingTaskGroup(of: (String, Response).self) { group in
                for name in Tenants.all + Tenants.all {
                    group.addTask {
                        (name, try await gateway.post("/v1/chat/completions", body, headers: Tenants.header(name)))
                    }
                }
                try await upstream.arrival(of: 3)
                try await Task.sleep(for: .milliseconds(300))
                #expect(upstream.calls == 3, "one of a's, one of b's, and one of the others'")
                gate.open()
                var contents: [String: Set<String>] = [:]
                for try await (name, answer) in group {
                    #expect(answer.status == 200)
                    contents[Tenants.shares(name, "master") ? "shared" : name, default: []].insert(answer.content ?? "")
                }
                #expect(contents.count == 3 && contents.values.allSatisfy { $0.count == 1 })
                #expect(Set(contents.values).count == 3)
            }
        }
    }

    @Test("A stale answer is served to those who share the cache with its maker, and to nobody else")
    func stale() async throws {
        let parameters = "type: local\nttl: 1\nstale_if_error: 60"
        try await withGateway(Self.configuration(parameters)) { gateway, upstream async throws in
            let body = #"{"model":"gpt-4","messages":[{"role":"user","content":"stale"}]}"#
            func ask(_ name: String) async throws -> Response {
                try await gateway.post("/v1/chat/completions", body, headers: Tenants.header(name))
            }
            for maker in ["a", "c"] { #expect(try await ask(maker).status == 200) }
            try await Task.sleep(for: .milliseconds(1_200))
            upstream.answer(with: .failure(503))
            for name in Tenants.all {
                #expect(try await ask(name).status == (name == "b" ? 503 : 200), "\(name)")
            }
        }
    }

    @Test("A purge of one tenant's entries leaves those of the others")
    func purge() async throws {
        try await withGateway(Self.configuration("type: local")) { gateway, _ async throws in
            let body = #"{"model":"gpt-4","messages":[{"role":"user","content":"purge"}]}"#
            func isHit(_ name: String) async throws -> Bool {
                try await gateway.post("/v1/chat/completions", body, headers: Tenants.header(name)).isHit
            }
            for name in ["a", "b", "c"] { #expect(try await !isHit(name)) }
            let purged = try await gateway.post(
                "/cache/purge",
                #"{"tenant":"a"}"#,
                headers: Tenants.header("master")
            )
            #expect(purged.status == 200, "\(purged.text)")
            #expect(try await !isHit("a"))
            for name in ["b", "c", "d", "master"] { #expect(try await isHit(name), "\(name)") }
        }
    }

    @Test("A namespace and a cache key that clients name nest below their tenants")
    func namespaces() async throws {
        try await withGateway(Self.configuration("type: local")) { gateway, _ async throws in
            for members in [#""cache":{"namespace":"a"}"#, #""cache":{"namespace":"master"}"#, #""cache_key":"k""#] {
                for maker in Tenants.all {
                    let body =
                        #"{"model":"gpt-4","messages":[{"role":"user","content":"\#(maker)"}],\#(members)}"#
                        .replacing(members.hasPrefix(#""cache_key"#) ? #""k""# : "none", with: #""\#(maker)""#)
                    for reader in [maker] + Tenants.all.filter({ $0 != maker && !Tenants.shares($0, maker) }) {
                        let answer = try await gateway.post(
                            "/v1/chat/completions",
                            body,
                            headers: Tenants.header(reader)
                        )
                        #expect(answer.status == 200 && !answer.isHit, "\(maker) \(reader)")
                        if Tenants.shares(reader, "master"), !Tenants.shares(maker, "master") { break }
                    }
                    let again = try await gateway.post("/v1/chat/completions", body, headers: Tenants.header(maker))
                    #expect(again.isHit)
                }
            }
        }
    }
}
