import Foundation
import Testing

/// `gateway explain`, compared with what a gateway of the same configuration does.
@Suite("gateway explain", .timeLimit(.minutes(2)))
struct ExplainTests {
    private static let configuration = """
        model_list:
          - {model_name: gpt, litellm_params: {model: openai/gpt, mock_response: hello}}
          - {model_name: "gpt-*", litellm_params: {model: "openai/gpt-*", mock_response: hello}}
          - {model_name: vectors, litellm_params: {model: openai/vectors, mock_response: [1.5, 2]}}
          - {model_name: claude, litellm_params: {model: anthropic/claude, mock_response: hello}}
          - {model_name: plain, litellm_params: {model: openai/plain, mock_response: hello}, cache: {ignore_members: [user]}}
          - {model_name: off, litellm_params: {model: openai/off, mock_response: hello}, cache: {mode: off}}
        litellm_settings:
          cache: true
          cache_params: {type: local, namespace: acme, entry_keys: [os.environ/ENTRY_KEY]}
        general_settings:
          master_key: sk-master
          forward_client_headers_to_llm_api: true
          keys: [{name: team, key: sk-team}, {name: guest, key: sk-guest, cache_scope: shared}]

        """
    private static let environment = ["ENTRY_KEY": String(repeating: "7", count: 64)]

    /// Runs `gateway explain` with the files and options, and the configuration unless there is none.
    private func explain(
        _ arguments: [String],
        config: URL? = nil,
        directory: URL? = nil
    ) async throws -> Command.Result {
        let source = config.map { ["--config", $0.path] } ?? []
        return try await Command.run(
            Repository.gateway,
            ["explain"] + arguments + source,
            directory: directory,
            environment: Self.environment
        )
    }

    private static func chat(_ content: String, _ members: String = "", model: String = "gpt") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(content)"}]\#(members)}"#
    }

    /// A request to a gateway, and the options with which it is explained.
    private struct Call {
        let path: String
        let body: String
        var headers: [String: String] = [:]
        var key = "master"
        /// Whether the path has to be given.
        var isNamed = false

        var options: [String] {
            (isNamed ? ["--endpoint", path] : []) + (key == "master" ? [] : ["--key-name", key])
                + headers.sorted { $0.key < $1.key }.flatMap { ["--header", "\($0.key): \($0.value)"] }
        }

        func send(to gateway: GatewayProcess) async throws -> Response {
            let key = ["Authorization": "Bearer sk-\(key)"]
            return try await gateway.post(path, body, headers: headers.merging(key) { $1 })
        }
    }

    private static let calls = [
        Call(path: "/v1/chat/completions", body: chat("one")),
        Call(path: "/v1/chat/completions", body: chat("one", model: "gpt-x")),
        Call(path: "/v1/chat/completions", body: chat("one"), key: "team"),
        Call(path: "/v1/chat/completions", body: chat("two"), key: "guest"),
        Call(path: "/v1/chat/completions", body: chat("one", #","cache":{"namespace":"a b"}"#)),
        Call(path: "/v1/chat/completions", body: chat("one", #","cache_key":"mine""#)),
        Call(path: "/v1/chat/completions", body: chat("one"), headers: ["OpenAI-Beta": "x", "X-Custom": "y"]),
        Call(path: "/v1/chat/completions", body: chat("one", #","user":"u""#, model: "plain")),
        Call(path: "/openai/deployments/gpt/chat/completions", body: #"{"messages":[]}"#, isNamed: true),
        Call(path: "/v1/completions", body: #"{"model":"gpt","prompt":"x"}"#),
        Call(path: "/v1/embeddings", body: #"{"model":"vectors","input":["one text"]}"#),
        Call(path: "/v1/responses", body: #"{"model":"gpt","input":"x","metadata":{"a":"b"}}"#),
        Call(
            path: "/v1/messages",
            body: #"{"model":"claude","max_tokens":5,"messages":[{"role":"user","content":"x"}]}"#,
            headers: ["anthropic-version": "2023-06-01", "anthropic-beta": "b, a"]
        ),
    ]

    @Test("prints the very key that a hit has, of each call, tenant, namespace and header")
    func keys() async throws {
        let gateway = try await GatewayProcess.start(Self.configuration, environment: Self.environment)
        let config = gateway.directory.url.appending(path: "config.yaml")
        for (number, call) in Self.calls.enumerated() {
            let file = try gateway.directory.write(call.body, to: "\(number).json").path
            let first = try await call.send(to: gateway)
            #expect(first.status == 200, "\(call.path): \(first.text)")
            let hit = try await call.send(to: gateway)
            let key = try #require(hit["x-litellm-cache-key"], "\(call.path): \(hit.cacheStatus)")
            let explained = try await explain([file, "--format", "json"] + call.options, config: config)
            #expect(explained.status == 0, "\(explained.standardError)")
            let json = JSON(Array(explained.standardOutput.utf8))
            #expect(json["keys"].array.map(\.string) == [key], "\(call)")
            #expect(call.isNamed || json["endpoint"].string == call.path)
            let confirmed = try await explain([file, key] + call.options, config: config)
            #expect(confirmed.status == 0 && confirmed.standardOutput.hasPrefix("This is the key of "), "\(call)")
        }
    }

    @Test("says that two requests share an entry exactly where the second one is a hit")
    func hits() async throws {
        let gateway = try await GatewayProcess.start(Self.configuration, environment: Self.environment)
        let config = gateway.directory.url.appending(path: "config.yaml")
        let pairs: [(String, String, String?)] = [
            (
                Self.chat("a"), #"{"messages": [{"content":"\u0061","role":"user"}], "stream":false, "model":"gpt"}"#,
                nil
            ),
            (Self.chat("b", #","seed":1"#), Self.chat("b", #","seed":1.0"#), nil),
            (Self.chat("c", #","seed":1"#), Self.chat("c", #","seed":2"#), "/seed"),
            (Self.chat("d"), Self.chat("d", #","cache":{"namespace":"n"}"#), "client's namespace"),
            (Self.chat("e"), Self.chat("e", model: "gpt-e"), "model"),
            (Self.chat("f", model: "plain"), Self.chat("f", #","user":"x""#, model: "plain"), nil),
            (Self.chat("g"), Self.chat("g", #","user":"x""#), "/user"),
            (Self.chat("h", model: "off"), Self.chat("h", model: "off"), "not cached"),
            (Self.chat("i", #","cache_key":"k""#), Self.chat("other", #","cache_key":"k""#), nil),
        ]
        for (first, second, difference) in pairs {
            let files = try [first, second].enumerated().map {
                try gateway.directory.write($1, to: "\($0).json").path
            }
            let headers = ["Authorization": "Bearer sk-master"]
            _ = try await gateway.post("/v1/chat/completions", first, headers: headers)
            let answer = try await gateway.post("/v1/chat/completions", second, headers: headers)
            let explained = try await explain(files, config: config)
            #expect(answer.isHit == (difference == nil), "\(answer.cacheStatus)")
            #expect(explained.status == (answer.isHit ? 0 : 1), "\(explained.standardOutput)")
            let headline = explained.standardOutput.split(separator: "\n").first ?? ""
            #expect(headline.contains(difference ?? "share an entry"), "\(headline)")
        }
        let body = try gateway.directory.write(Self.chat("j"), to: "j.json").path
        for (key, isShared) in [("team", false), ("guest", true)] {
            let explained = try await explain([body, body, "--second-key-name", key], config: config)
            #expect(explained.status == (isShared ? 0 : 1))
            let headers = ["master", key].map { ["Authorization": "Bearer sk-\($0)"] }
            _ = try await gateway.post("/v1/chat/completions", Self.chat("j"), headers: headers[0])
            let answer = try await gateway.post("/v1/chat/completions", Self.chat("j"), headers: headers[1])
            #expect(answer.isHit == isShared)
        }
        let header = try await explain([body, body, "--second-header", "x-team: red"], config: config)
        #expect(header.status == 1 && header.standardOutput.contains("header x-team"))
    }

    @Test("says which inputs of two embedding requests share entries")
    func embeddings() async throws {
        let directory = try TemporaryDirectory()
        let files = try [#"["a","b"]"#, #"["c","b"]"#, #"["b"]"#].enumerated().map {
            try directory.write(#"{"model":"m","input":\#($1)}"#, to: "\($0).json").path
        }
        let partly = try await explain([files[0], files[1]])
        #expect(partly.status == 1 && partly.standardOutput.contains("share 1 of the 2 entries"))
        #expect(partly.standardOutput.contains("1 has the entry of input 1"))
        #expect(try await explain([files[1], files[2]]).status == 0)
        let json = JSON(Array(try await explain([files[0], files[1], "--format", "json"]).standardOutput.utf8))
        #expect(json["shared_inputs"].int == 1 && json["input_matches"][0].isNull)
        #expect(json["input_matches"][1].int == 1)
    }

    @Test("explains without a configuration, from standard input too, and shows no keys then")
    func unconfigured() async throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write(Self.chat("hello \u{202E}"), to: "a.json").path
        let second = try directory.write(Self.chat("goodbye"), to: "b.json").path
        let script = #"exec "$0" explain - "$2" --format json < "$1""#
        let result = try await Command.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", script, Repository.gateway.path, first, second]
        )
        #expect(result.status == 1, "\(result.standardError)")
        let json = JSON(Array(result.standardOutput.utf8))
        #expect(json["differences"][0]["path"].string == "/messages/0/content")
        #expect(json["differences"][0]["second"].string == #""goodbye""#)
        #expect(json["share"].bool == false && !json["requests"][0]["keys"].exists)
        let text = try await explain([first, second]).standardOutput
        #expect(text.contains("/messages/0/content") && !text.contains("\u{202E}") && !text.contains("key "))
    }

    @Test("ends with the code that says why it cannot explain, and one line")
    func failures() async throws {
        let directory = try TemporaryDirectory()
        let good = try directory.write(Self.chat("a"), to: "good.json").path
        let config = try directory.write(Self.configuration, to: "config.yaml")
        let wrong = try directory.write("model_list: 5\n", to: "wrong.yaml")
        let duplicate = try directory.write(#"{"model":"m","messages":[],"model":"n"}"#, to: "two.json").path
        let deep = try directory.write(String(repeating: "[", count: 100_000), to: "deep.json").path
        let large = directory.url.appending(path: "large.json").path
        #expect(FileManager.default.createFile(atPath: large, contents: Data(count: (32 << 20) + 5)))
        let key = "acme:" + String(repeating: "0", count: 64)
        for (arguments, isConfigured, status, words) in [
            ([directory.url.path + "/gone.json"], false, 66, "cannot be read: no such file"),
            ([duplicate], false, 65, "'model' at byte 27"), ([deep], false, 65, "nested deeper than 128 levels"),
            ([good, large], false, 65, "larger than the limit of 33554432 bytes"),
            (["-", "-"], false, 64, "standard input"), ([good, "--key-name", "x"], false, 64, "--config"),
            ([good, key], false, 64, "--config"), ([good, "--key-name", "taem"], true, 64, "did you mean 'team'"),
            ([good, "--header", "x"], true, 64, "not followed by a colon"),
            ([good, key], true, 1, nil), ([good, "--second-key-name", "team"], true, 64, "no second request"),
            ([good, "--endpoint", "/v1/files"], false, 1, "passed on without the cache"),
        ] {
            let result = try await explain(arguments, config: isConfigured ? config : nil)
            #expect(result.status == status, "\(arguments): \(result.standardError)")
            #expect(
                words.map { result.standardError.contains($0) } ?? result.standardError.isEmpty,
                "\(arguments): \(result.standardError)"
            )
            #expect(!(result.standardOutput + result.standardError).contains("sk-master"))
        }
        #expect(try await explain([good], config: wrong).status == 78)
        // A file that is not the one of the configuration's plugin is not needed.
        #expect(try await explain([good], config: config).status == 0)
    }

    @Test("compares two bodies of 30 MB that differ at their end within seconds")
    func large() async throws {
        let directory = try TemporaryDirectory()
        let text = String(repeating: "x ", count: 14 << 20)
        let files = try ["a", "b"].map { try directory.write(Self.chat(text + $0), to: "\($0).json").path }
        let began = ContinuousClock.now
        let result = try await explain(files)
        #expect(result.status == 1 && result.standardOutput.contains(#"x x x a""#))
        #expect(result.standardOutput.utf8.count < 5_000)
        #expect(ContinuousClock.now - began < .seconds(30))
    }
}
