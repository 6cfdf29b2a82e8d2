import Foundation
import Testing

/// `general_settings.keys`: who is admitted, and to what.
@Suite("Keys of tenants", .timeLimit(.minutes(2)))
struct KeyTests {
    private static let configuration =
        Configurations.local + """
            general_settings:
              master_key: sk-master
              default_deployment: gpt-4
              keys:
                - {name: a, key: sk-a}
                - name: by-digest
                  # printf %s sk-team-a | sha256sum
                  key_sha256: 8879f6a4ae35c420a15d35fed3b8dd07577207803d404f6d4cc4fa829dafa910
                - {name: ended, key: sk-ended, expires: 2020-01-01}
                - {name: some, key: sk-some, models: [gpt-4, "text-*"]}
                - {name: plain, key: sk-plain, allowed_cache_controls: [ttl], max_ttl: 2}
                - {name: none, key: sk-none, allowed_cache_controls: []}

            """

    private func with(_ body: (GatewayProcess, RecordingUpstream) async throws -> Void) async throws {
        try await withGateway(Self.configuration, body)
    }

    private func key(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }

    @Test("Each way to send a key admits its holder, and no key reaches the model or the log")
    func ways() async throws {
        try await with { gateway, upstream async throws in
            let ways = [
                ["Authorization": "Bearer sk-a"], ["x-api-key": "sk-a"], ["api-key": "sk-a"],
                ["x-litellm-api-key": "sk-a"],
                ["x-litellm-api-key": "Bearer sk-a", "Authorization": "Bearer sk-other"],
                ["Authorization": "Bearer sk-team-a"], ["Authorization": "Bearer nobody's", "api-key": "sk-a"],
            ]
            for headers in ways { #expect(try await gateway.chat("hello", headers: headers).status == 200) }
            let wrong = [
                [:], ["Authorization": "Bearer sk-"], ["x-api-key": ""], ["api-key": "sk-a\u{301}"],
                ["x-litellm-api-key": "x", "Authorization": "Bearer sk-a"],
                ["x-api-key": String(repeating: "a", count: 6_000)],
                ["x-api-key": "8879f6a4ae35c420a15d35fed3b8dd07577207803d404f6d4cc4fa829dafa910"],
            ]
            for headers in wrong {
                let refused = try await gateway.chat("hello", headers: headers)
                #expect(refused.status == 401 && refused.json["error"]["code"].string == "invalid_api_key")
            }
            let sent = upstream.requests.flatMap { $0.headers.map(\.value) } + [gateway.log]
            for secret in ["sk-a", "sk-team-a", "sk-other", "sk-master"] {
                #expect(!sent.contains { $0.contains(secret) })
            }
        }
    }

    @Test("A key that has ended is 401, and the answer says when it did")
    func ended() async throws {
        try await with { gateway, upstream async throws in
            let refused = try await gateway.chat("hello", headers: key("sk-ended"))
            #expect(refused.status == 401 && refused.text.contains("'ended' expired at 2020-01-01"))
            #expect(upstream.calls == 0)
        }
    }

    @Test("Only the master key is told what concerns all tenants")
    func administrative() async throws {
        try await with { gateway, _ async throws in
            for path in ["/health", "/cache/ping"] {
                #expect(try await gateway.get(path, headers: key("sk-master")).status == 200)
                let refused = try await gateway.get(path, headers: key("sk-a"))
                #expect(refused.status == 403 && refused.json["error"]["code"].string == "insufficient_permissions")
                #expect(try await gateway.get(path).status == 401)
            }
            for (path, body) in [
                ("/cache/purge", #"{"tenant":"a"}"#), ("/cache/delete", #"{"keys":[]}"#), ("/cache/flushall", "{}"),
                ("/config/reload", "{}"),
            ] {
                #expect(try await gateway.post(path, body, headers: key("sk-a")).status == 403, "\(path)")
            }
            #expect(try await gateway.get("/cache/stats", headers: key("sk-a")).status == 403)
            let info = try await gateway.get("/v1/model/info", headers: key("sk-a"))
            #expect(info.text.contains("gpt-4") && !info.text.contains("api_base"))
            #expect(try await gateway.get("/v1/model/info", headers: key("sk-master")).text.contains("api_base"))
        }
    }

    @Test("Without a master key the holders of keys are served, and nobody administers")
    func headless() async throws {
        let configuration = Configurations.local + "general_settings:\n  keys:\n    - {name: a, key: sk-a}\n"
        // It may listen for everybody, since everybody needs a key.
        try await withGateway(configuration, arguments: ["--host", "0.0.0.0"]) { gateway, _ async throws in
            #expect(try await gateway.chat("hello", headers: key("sk-a")).status == 200)
            #expect(try await gateway.chat("hello").status == 401)
            #expect(try await gateway.get("/health", headers: key("sk-a")).status == 403)
            #expect(try await gateway.get("/health/readiness").status == 200)
        }
    }

    @Test("A model that a key is not for does not exist for its holder, in whichever form it is asked")
    func models() async throws {
        try await with { gateway, upstream async throws in
            let headers = key("sk-some")
            #expect(try await gateway.chat("hello", model: "gpt-4", headers: headers).status == 200)
            #expect(try await gateway.embed(["a"], headers: headers).status == 200)
            let calls = upstream.calls
            let body =
                #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"x"}],"max_tokens":5,"input":"x"}"#
            for path in ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/moderations"] {
                let refused = try await gateway.post(path, body, headers: headers)
                #expect(refused.status == 404, "\(path)")
                let type = refused.json["error"]["type"].string
                #expect(type == (path == "/v1/messages" ? "not_found_error" : "invalid_request_error"), "\(path)")
            }
            let deployment = try await gateway.post(
                "/openai/deployments/gpt-3.5-turbo/chat/completions",
                body,
                headers: headers
            )
            #expect(deployment.status == 404)
            let large = try await gateway.chat(String(repeating: "x", count: 300_000), headers: headers)
            #expect(large.status == 404 && large.json["error"]["code"].string == "model_not_found")
            #expect(upstream.calls == calls)
            let listed = try await gateway.get("/v1/models", headers: headers).json["data"]
            #expect(listed[0]["id"].string == "gpt-4" && listed[1]["id"].string == "text-embedding-ada-002")
            #expect(listed[2]["id"].string == nil)
            #expect(try await gateway.get("/v1/models/gpt-4", headers: headers).status == 200)
            let hidden = try await gateway.get("/v1/models/gpt-3.5-turbo", headers: headers)
            let unknown = try await gateway.get("/v1/models/gpt-3.5-turbx", headers: headers)
            #expect(hidden.status == 404 && unknown.status == 404)
            // Nothing tells one from the other.
            #expect(hidden.text.replacing("turbo", with: "turbx") == unknown.text)
        }
    }

    @Test("Controls of the cache that a key is not for are 403, in the body and in Cache-Control")
    func controls() async throws {
        try await with { gateway, upstream async throws in
            for (name, headers) in [("plain", key("sk-plain")), ("none", key("sk-none"))] {
                for members in [
                    #""cache":{"no-cache":true}"#, #""cache":{"no-store":true}"#, #""cache":{"namespace":"n"}"#,
                    #""cache":{"s-maxage":1}"#, #""cache":{"s-max-age":1}"#, #""cache":{"use-cache":true}"#,
                    #""caching":false"#, #""cache_key":"k""#,
                ] {
                    let refused = try await gateway.chat("hello", members, headers: headers)
                    #expect(refused.status == 403, "\(members)")
                    #expect(refused.text.contains("'\(name)'") && refused.json["error"]["param"].string == "cache")
                }
                for directive in ["no-cache", "no-store", "max-age=0", "only-if-cached", "max-stale", "min-fresh=1"] {
                    let all = headers.merging(["Cache-Control": directive]) { $1 }
                    #expect(try await gateway.chat("hello", headers: all).status == 403, "\(directive)")
                }
                let pragma = headers.merging(["Pragma": "no-cache"]) { $1 }
                #expect(try await gateway.chat("hello", headers: pragma).status == 403)
                // What has no effect is nobody's business.
                let nothing = #""cache":{"no-cache":false,"no-store":null,"other":1}"#
                #expect(try await gateway.chat("hello", nothing, headers: headers).status == 200)
            }
            #expect(try await gateway.chat("a", #""cache":{"ttl":1}"#, headers: key("sk-none")).status == 403)
            #expect(try await gateway.chat("a", #""cache":{"no-cache":true}"#, headers: key("sk-a")).status == 200)
        }
    }

    @Test("A longer time to live than the key is for counts as the longest")
    func longestTimeToLive() async throws {
        try await with { gateway, _ async throws in
            _ = try await gateway.chat("long", #""cache":{"ttl":500}"#, headers: key("sk-plain"))
            let hit = try await gateway.chat("long", headers: key("sk-plain"))
            #expect(hit.isHit)
            let left = try #require(hit.cacheStatus.firstMatch(of: #/ttl=(\d+)/#))
            #expect(try #require(Int(left.output.1)) <= 2)
            _ = try await gateway.chat("usual", headers: key("sk-plain"))
            let usual = try await gateway.chat("usual", headers: key("sk-plain"))
            #expect(usual.cacheStatus.contains("ttl=5") || usual.cacheStatus.contains("ttl=600"))
        }
    }

    @Test("Mistakes in keys stop the start with their place, and the check lists the names without the keys")
    func mistakes() async throws {
        let directory = try TemporaryDirectory()
        let models = "model_list:\n- {model_name: m, litellm_params: {model: openai/m, mock_response: x}}\n"
        let wrong = try directory.write(
            models + """
                general_settings:
                  master_key: sk-master
                  keys:
                    - {name: a, key: sk-master}
                    - {name: b, key: sk-b}
                    - {name: c, key: sk-b}
                """,
            to: "wrong.yaml"
        )
        let refused = try await Command.run(Repository.gateway, ["check", "--config", wrong.path])
        #expect(refused.status != 0)
        #expect(refused.standardError.contains("wrong.yaml:6:22: the key of 'a' is the master key"))
        #expect(
            refused.standardError.contains("wrong.yaml:8:22: the key of 'c' has been given to 'b' on line 7 already")
        )
        #expect(!refused.standardError.contains("sk-"))
        let right = try directory.write(
            models + "general_settings:\n  keys:\n  - {name: team-a, key: sk-secret, models: [m, 'm*', 'n*', mm]}\n",
            to: "right.yaml"
        )
        let checked = try await Command.run(Repository.gateway, ["check", "--config", right.path])
        #expect(checked.status == 0 && checked.standardOutput.contains("keys\n  team-a"))
        #expect(!(checked.standardOutput + checked.standardError).contains("sk-secret"))
        let remarks = checked.standardOutput + checked.standardError
        #expect(remarks.contains("right.yaml:5:54: warning: the key 'team-a' is for 'n*', which is no model's name"))
        #expect(remarks.contains(":5:60: warning: the key 'team-a' is for 'mm', which is no model's name"))
        #expect(!remarks.contains("'m*'"))
    }

    @Test("A key that the gateway makes is shown once, and its entry admits its holder")
    func newKey() async throws {
        let made = try await Command.run(
            Repository.gateway,
            ["keys", "new", "team-a", "--models", "gpt-4,text-*", "--rpm", "2", "--expires", "2999-12-31"]
        )
        #expect(made.status == 0 && made.standardError == "")
        let key = try #require(made.standardOutput.firstMatch(of: #/sk-[A-Za-z0-9_-]{43}/#)).output
        let entry = try #require(made.standardOutput.firstRange(of: "general_settings:\n"))
        let configuration = Configurations.local + made.standardOutput[entry.lowerBound...]
        #expect(!configuration.contains(key))
        try await withGateway(configuration) { gateway, _ async throws in
            let headers = ["Authorization": "Bearer \(key)"]
            #expect(try await gateway.chat("hello", model: "gpt-4", headers: headers).status == 200)
            #expect(try await gateway.chat("hello", headers: headers).status == 404)
            #expect(try await gateway.chat("hello", model: "gpt-4", headers: headers).status == 429)
        }
        for wrong in [["master"], ["two words"], ["a", "--rpm", "0"], ["a", "--expires", "soon"], []] {
            #expect(try await Command.run(Repository.gateway, ["keys", "new"] + wrong).status == 64)
        }
    }

    @Test("The anthropic package is admitted by its own header, and is refused in its own words")
    func anthropicPackage() async throws {
        let configuration =
            Claude.configuration() + """
                general_settings:
                  keys:
                    - {name: a, key: sk-a, rpm: 3}

                """
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Claude.script)
            let lines = try await Python.run(
                """
                import anthropic
                def ask(key, model='claude'):
                    client = anthropic.Anthropic(base_url='\(gateway.url)', api_key=key, max_retries=0)
                    more = {'model': model, 'max_tokens': 9, 'messages': [{'role': 'user', 'content': 'text'}]}
                    try: return client.messages.create(**more).stop_reason
                    except anthropic.APIStatusError as error: return type(error).__name__
                print(ask('sk-a'), ask('sk-b'), ask('sk-a'), ask('sk-a', 'none'), ask('sk-a'))
                """
            )
            #expect(lines == ["end_turn AuthenticationError end_turn NotFoundError RateLimitError"])
        }
    }

    @Test("A key is not answered by fallbacks that it is not for, and an alias may be requested where its model may")
    func fallbacks() async throws {
        let configuration = """
            model_list:
              - model_name: one
                litellm_params: {model: openai/one, api_base: UPSTREAM/v1, api_key: sk-upstream}
              - model_name: two
                litellm_params: {model: openai/two, api_base: UPSTREAM/v1, api_key: sk-upstream}
              - model_name: text
                litellm_params: {model: openai/text, api_base: UPSTREAM/v1, api_key: sk-upstream}
            litellm_settings:
              num_retries: 0
              cache: true
              cache_params: {type: local}
            router_settings:
              model_group_alias: {nick: one}
              fallbacks: [{one: [two]}, {text: [two]}]
            general_settings:
              master_key: sk-master
              default_deployment: two
              keys:
                - {name: one, key: sk-one, models: [one, text]}
                - {name: nick, key: sk-nick, models: [nick]}
                - {name: both, key: sk-both, models: [one, t*]}

            """
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer { request, number in
                request.json["model"].string == "two" ? Answer.standard(request, number) : .failure(503)
            }
            func ask(_ name: String, _ model: String, _ members: String = "") async throws -> Int {
                try await gateway.chat("hello", model: model, members, headers: key("sk-\(name)")).status
            }
            for members in ["", #""cache":{"no-store":true}"#, #""caching":false"#] {
                #expect(try await ask("master", "one", members) == 200)
                #expect(try await ask("both", "one", members) == 200)
                #expect(try await ask("one", "one", members) == 503)
                #expect(try await ask("one", "nick", members) == 503)
                #expect(try await ask("nick", "nick", members) == 503)
            }
            for (name, status) in [("one", 503), ("both", 200)] {
                let headers = key("sk-\(name)")
                let body = #"{"model":"text","input":["\#(name)"]}"#
                #expect(try await gateway.post("/v1/embeddings", body, headers: headers).status == status)
            }
            for (name, model) in [("nick", "one"), ("one", "two"), ("nick", "two")] {
                #expect(try await ask(name, model) == 404)
            }
            let listed = try await gateway.get("/v1/models", headers: key("sk-one")).text
            #expect(listed.contains("\"nick\"") && listed.contains("\"one\"") && !listed.contains("\"two\""))
            // What names no model would go to the default one, which is not theirs.
            let calls = upstream.calls
            #expect(try await gateway.post("/v1/files", "{}", headers: key("sk-one")).status == 404)
            #expect(
                try await gateway.post(
                    "/openai/deployments/two/images/generations",
                    #"{"model":"one"}"#,
                    headers: key("sk-one")
                ).status == 404
            )
            #expect(upstream.calls == calls)
        }
    }
}
