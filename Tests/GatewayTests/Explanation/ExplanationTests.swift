import Foundation
import JSON
import Logging
import NIOCore
import Testing

@testable import Gateway
@testable import ResponseCache

/// What explanations say, with the gateway's readers and a configuration, but without a gateway.
@Suite("An explanation")
struct ExplanationTests {
    private static let configuration = """
        model_list:
          - {model_name: m, litellm_params: {model: openai/m, api_key: k}}
          - {model_name: n, litellm_params: {model: openai/n, api_key: k}, cache: {ignore_members: [user, seed]}}
          - {model_name: off, litellm_params: {model: openai/o, api_key: k}, cache: {mode: off}}
          - {model_name: strict, litellm_params: {model: openai/s, api_key: k}, cache: {only_if: {max_temperature: 0}}}
          - {model_name: a, litellm_params: {model: openai/a, api_key: k}}
          - {model_name: b, litellm_params: {model: openai/b, api_key: k}}
          - {model_name: claude, litellm_params: {model: anthropic/claude, api_key: k}}
        router_settings: {caching_groups: [[a, b]]}
        litellm_settings: {cache: true, cache_params: {type: no-such-plugin, namespace: acme}}
        general_settings:
          master_key: sk-master
          keys: [{name: t, key: sk-t, rpm: 1}, {name: shared, key: sk-shared, cache_scope: shared}]

        """

    private let explainer: RequestExplainer

    init() throws {
        explainer = try Self.explainer(Self.configuration)
    }

    private static func explainer(_ configuration: String) throws -> RequestExplainer {
        let path = NSTemporaryDirectory() + "/explanation-\(UUID().uuidString).yaml"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try RequestExplainer(
            // No plugin is loaded, so that there need not be one.
            try Blueprint.read(from: path, environmentFile: nil, plugins: nil, environment: [:]),
            ServerResources(descriptors: .raised(), eventLoops: 1, log: log, limitedLog: LimitedLog(log))
        )
    }

    private func read(_ body: String, _ change: (inout RequestSource) -> Void = { _ in }) throws -> ExplainedRequest {
        var source = RequestSource(name: "request", body: ByteBuffer(string: body))
        change(&source)
        return try explainer.read(source)
    }

    private func explain(
        _ first: String,
        _ second: String,
        first firstChange: (inout RequestSource) -> Void = { _ in },
        second secondChange: (inout RequestSource) -> Void = { _ in }
    ) throws -> Explanation {
        Explanation(
            try read(first, firstChange),
            try read(second, secondChange),
            keyedHeaders: explainer.generation.routes.keyedHeaders
        )
    }

    private func chat(_ members: String, _ content: String = "hi") -> String {
        #"{"model":"m","messages":[{"role":"user","content":"\#(content)"}]\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    @Test("finds that requests share an entry that differ in nothing that counts, and names what differs")
    func irrelevant() throws {
        let second =
            #" {"stream":true,"cache":{"ttl":5},"litellm_x":1,"metadata":{"a":"b"},"temperature":1.0,"#
            + #""messages":[{"content":"\u0068i","role":"user"}],"model":"m"}"#
        let explanation = try explain(chat(#""temperature":1"#), second)
        #expect(explanation.verdict == .shared && explanation.isShared)
        #expect(explanation.differenceCount == 0 && explanation.parts.isEmpty && explanation.notes.isEmpty)
        #expect(explanation.whiteSpaceDiffers == true)
        let found = explanation.irrelevant.map { "\($0.difference.path)" }
        for path in [
            "", "/messages/0", "/messages/0/content", "/temperature", "/stream", "/cache", "/litellm_x", "/metadata",
        ] { #expect(found.contains(path), "\(path)") }
        #expect(explanation.irrelevant.allSatisfy { !$0.reason.isEmpty })
    }

    @Test("names what differs in the body, and everything else in the key", arguments: [0, 1, 2, 3, 4, 5])
    func parts(of part: Int) throws {
        let body = chat("")
        let found: [String] =
            switch part {
            case 0: try explain(body, body, second: { $0.keyName = "t" }).parts.map(\.name)
            case 1: try explain(body, body, second: { $0.headers = ["OpenAI-Beta: x"] }).parts.map(\.name)
            case 2: try explain(body, chat(#""cache":{"namespace":"n"}"#)).parts.map(\.name)
            case 3: try explain(body, body, second: { $0.endpoint = "/v1/completions" }).parts.map(\.name)
            case 4: try explain(body, body.replacing(#""m""#, with: #""n""#)).parts.map(\.name)
            default: try explain(body, chat("", "ho")).differences.map(\.path)
            }
        let expected = [
            ["tenant"], ["header openai-beta"], ["client's namespace"], ["call"], ["model"], ["/messages/0/content"],
        ]
        #expect(found == expected[part])
    }

    @Test("says that holders of keys that share the cache share an entry, by name and by key")
    func tenants() throws {
        let body = chat("")
        #expect(try explain(body, body, second: { $0.keyName = "shared" }).isShared)
        #expect(try explain(body, body, second: { $0.headers = ["Authorization: Bearer sk-shared"] }).isShared)
        let other = try explain(body, body, second: { $0.headers = ["x-api-key: sk-t"] })
        #expect(other.parts == [Explanation.PartDifference(name: "tenant", first: "master", second: "t")])
        // Nothing is counted for the limits of a key.
        let key = { (source: inout RequestSource) in source.headers = ["x-api-key: sk-t"] }
        #expect(try explain(body, body, first: key, second: key).isShared)
        for change in [
            { (source: inout RequestSource) in source.keyName = "T" },
            { $0.headers = ["x-api-key: wrong"] },
            { ($0.keyName, $0.headers) = ("t", ["x-api-key: sk-t"]) },
        ] {
            #expect(throws: UnexplainedRequest.self) { try read(body, change) }
        }
    }

    @Test("ignores what the model's rule ignores, and the name of models that share entries")
    func rules() throws {
        let n = #"{"model":"n","messages":[],"user":"u","seed":1}"#
        let explanation = try explain(n, #"{"model":"n","messages":[],"seed":2}"#)
        #expect(explanation.isShared && explanation.irrelevant.map(\.difference.path) == ["/user", "/seed"])
        #expect(explanation.irrelevant.allSatisfy { $0.reason.contains("ignore_members") })
        let shared = try explain(#"{"model":"a","messages":[]}"#, #"{"model":"b","messages":[]}"#)
        #expect(shared.isShared && shared.irrelevant.map(\.reason).joined().contains("caching_groups"))
        #expect(try !explain(#"{"model":"a","messages":[]}"#, #"{"model":"m","messages":[]}"#).isShared)
    }

    @Test(
        "says why a request is not cached",
        arguments: [
            (#"{"model":"off","messages":[]}"#, "off"),
            (#"{"model":"strict","messages":[]}"#, "temperature"),
            (#"{"model":"m","messages":[],"caching":false}"#, "'caching': false"),
            (#"{"model":"m","input":"x","conversation":"c"}"#, "stateful"),
            (#"{"model":"m","input":"x","tools":[{"type":"web_search"}]}"#, "tool"),
            (#"{"model":"claude","messages":[],"max_tokens":0}"#, "max_tokens"),
        ]
    )
    func uncached(body: String, reason: String) throws {
        let request = try read(body)
        #expect(request.uncached?.contains(reason) == true, "\(request.uncached ?? "cached")")
        #expect(request.keys.isEmpty)
        let explanation = try explain(body, body)
        #expect(explanation.verdict == .uncached && !explanation.isShared)
    }

    @Test("says where the configuration keeps a request out of the cache")
    func configured() throws {
        let models = "model_list: [{model_name: m, litellm_params: {model: openai/m, api_key: k}}]\n"
        for (settings, reason) in [
            ("", "litellm_settings.cache"),
            ("litellm_settings: {cache: true, cache_params: {type: local, mode: default_off}}", "default_off"),
            (
                "litellm_settings: {cache: true, cache_params: {type: local, supported_call_types: [embedding]}}",
                "supported_call_types"
            ),
        ] {
            let explainer = try Self.explainer(models + settings + "\n")
            let request = try explainer.read(RequestSource(name: "r", body: ByteBuffer(string: chat(""))))
            #expect(request.uncached?.contains(reason) == true, "\(request.uncached ?? "cached")")
        }
    }

    @Test("names controls and what they mean for sharing")
    func controls() throws {
        let body = chat("")
        let stores = try explain(chat(#""cache":{"no-store":true}"#), body)
        #expect(stores.isShared && stores.notes.contains { $0.contains("stores nothing") })
        let reads = try explain(body, body, second: { $0.headers = ["Cache-Control: no-cache, max-age=5"] })
        #expect(reads.isShared && reads.notes.contains { $0.contains("not answered from the cache") })
        #expect(reads.second.inquiry.effects.map { $0.prefix { $0 != ":" } } == ["no-cache", "max-age"])
        let usage = try explain(
            chat(#""stream":true"#),
            chat(#""stream":true,"stream_options":{"include_usage":true}"#)
        )
        #expect(usage.isShared && usage.notes.contains { $0.contains("without-usage") })
    }

    @Test("compares embeddings input by input")
    func embeddings() throws {
        func body(_ inputs: String, _ members: String = "") -> String {
            #"{"model":"m","encoding_format":"float","input":\#(inputs)\#(members)}"#
        }
        let partly = try explain(body(#"["a","b"]"#), body(#"["b","c","a"]"#))
        #expect(partly.verdict == .inputs(shared: 2, of: 3) && partly.sharedInputs == [1, nil, 0] && !partly.isShared)
        #expect(partly.differenceCount == 0)
        #expect(try explain(body(#"["a","b"]"#), body(#""b""#)).isShared)
        let other = try explain(body(#"["a"]"#), body(#"["a"]"#, #","dimensions":5"#))
        #expect(other.verdict == .inputs(shared: 0, of: 1) && other.differences.map(\.path) == ["/dimensions"])
        let mixed = try explain(body(#"["a"]"#), body(#"["a",[1]]"#))
        #expect(mixed.verdict == .different && mixed.notes.contains { $0.contains("input by input") })
    }

    @Test("knows that a client's own key stands for the body")
    func named() throws {
        let same = try explain(chat(#""cache_key":"k""#), chat(#""cache_key":"k","seed":1"#, "ho"))
        #expect(same.isShared && same.differenceCount == 0 && !same.irrelevant.isEmpty)
        let other = try explain(chat(#""cache_key":"k""#), chat(#""cache_key":"l""#))
        #expect(other.verdict == .different && other.differences.map(\.path) == ["/cache_key"])
        let one = try explain(chat(#""cache_key":"k""#), chat(""))
        #expect(one.verdict == .different && one.differences.map(\.path) == ["/cache_key"])
    }

    @Test("compares forms part by part")
    func forms() throws {
        let explainer = try Self.explainer(
            "model_list: [{model_name: m, litellm_params: {model: openai/m, api_key: k}}]\n"
                + "litellm_settings: {cache: true, cache_params: {type: local, supported_call_types: [transcription]}}\n"
        )
        func read(_ temperature: String, file: String = "a.wav", boundary: String = "x") throws -> ExplainedRequest {
            let body = [
                "--\(boundary)", #"Content-Disposition: form-data; name="model""#, "", "m", "--\(boundary)",
                #"Content-Disposition: form-data; name="temperature""#, "", temperature, "--\(boundary)",
                #"Content-Disposition: form-data; name="file"; filename="\#(file)""#, "", "RIFF", "--\(boundary)--", "",
            ].joined(separator: "\r\n")
            return try explainer.read(
                RequestSource(
                    name: "form",
                    body: ByteBuffer(string: body),
                    endpoint: "/v1/audio/transcriptions",
                    headers: ["Content-Type: multipart/form-data; boundary=\(boundary)"]
                )
            )
        }
        let headers = explainer.generation.routes.keyedHeaders
        let same = Explanation(try read("0"), try read("0", file: "b.wav", boundary: "yy"), keyedHeaders: headers)
        #expect(same.isShared)
        let other = Explanation(try read("0"), try read("1"), keyedHeaders: headers)
        #expect(!other.isShared && other.differences.map(\.path) == ["part 2, 'temperature'"])
    }

    @Test("refuses what the gateway refuses, with the place of the mistake")
    func refused() throws {
        func error(_ body: String, _ change: (inout RequestSource) -> Void = { _ in }) -> UnexplainedRequest? {
            do {
                _ = try read(body, change)
                return nil
            } catch {
                return error as? UnexplainedRequest
            }
        }
        let duplicate = error(#"{"model":"m","messages":[{"a":1,"a":2}]}"#)
        #expect(duplicate?.reason == .refused(status: 400))
        #expect(
            duplicate?.description.contains("messages[0].a") == true && duplicate?.description.contains("byte") == true
        )
        #expect(error(String(repeating: "[", count: 200))?.description.contains("nested") == true)
        #expect(error(#"{"model":"x","messages":[]}"#)?.reason == .refused(status: 404))
        #expect(error("")?.reason == .refused(status: 400))
        #expect(error(String(repeating: " ", count: (32 << 20) + 1))?.reason == .refused(status: 413))
        #expect(error(chat(""), { $0.endpoint = "/v1/files" })?.reason == .neverCached)
        #expect(error(chat(""), { $0.endpoint = "/health" })?.reason == .usage)
        #expect(error(chat(""), { $0.endpoint = "a b" })?.reason == .usage)
        #expect(error(chat(""), { $0.headers = ["no colon"] })?.reason == .usage)
        #expect(error(chat(""), { $0.headers = ["Content-Encoding: gzip"] })?.reason == .usage)
    }

    @Test("finds whose key it is, where a key is another tenant's, call's or namespace's")
    func keys() throws {
        let source = RequestSource(name: "r", body: ByteBuffer(string: chat("")))
        let request = try explainer.read(source)
        func explained(_ key: String) throws -> KeyExplanation {
            KeyExplanation(try #require(ComparedKey(key)), of: request, from: source, explainer)
        }
        let own = try #require(request.keys.first)
        #expect(own.description.hasPrefix("acme:"))
        #expect(try explained("\(own)").input == 0)
        #expect(try explained(String("\(own)".suffix(64))).input == 0)
        let tenants = try explained("\(try read(chat("")) { $0.keyName = "t" }.keys[0])")
        #expect(tenants.input == nil && tenants.notes.joined().contains("'t'"))
        let calls = try explained("\(try read(chat("")) { $0.endpoint = "/v1/completions" }.keys[0])")
        #expect(calls.notes.joined().contains("/v1/completions"))
        let namespaces = try explained("other:" + String(repeating: "0", count: 64))
        #expect(namespaces.notes.joined().contains("'other'"))
        #expect(ComparedKey("acme:12") == nil && ComparedKey(String(repeating: "g", count: 64)) == nil)
    }

    @Test("has differences exactly where the keys differ")
    func agreement() throws {
        let members = [
            "", #""seed":1"#, #""seed":1.0"#, #""seed":2"#, #""user":"a""#, #""user":"\u0061""#, #""stream":true"#,
            #""cache":{"namespace":"n"}"#, #""cache_key":"k""#, #""cache_key":"l""#, #""metadata":{}"#,
            #""store":true"#,
            #""store":true,"metadata":{"a":"b"}"#, #""timeout":5"#, #""x":[1,{"y":null}]"#, #""x":[1,{}]"#,
        ]
        for first in members {
            for second in members {
                let explanation = try explain(chat(first), chat(second))
                #expect(explanation.isShared == (explanation.first.keys == explanation.second.keys))
                let hasDifferences = explanation.differenceCount > 0 || !explanation.parts.isEmpty
                #expect(explanation.isShared != hasDifferences, "\(first) \(second)")
                #expect(!explanation.notes.contains { $0.contains("defect") })
                // The parts that are shown are those of which the key was made.
                let keys = try CacheKeyBuilder()
                let request = explanation.first
                guard !request.isNamed, let document = request.document else { continue }
                #expect(try [keys.key(for: request.parts.material(), body: document)] == request.keys)
            }
        }
    }

    @Test("shows values shortened and on one line, from a little before the place where they differ")
    func shown() throws {
        func shown(_ first: String, _ second: String, isComplete: Bool = false) -> [String?] {
            let buffers = (ByteBuffer(string: first), ByteBuffer(string: second))
            let texts = ShownValue.texts(
                buffers.0.readableBytesView,
                buffers.1.readableBytesView,
                isComplete: isComplete
            )
            return [texts.first, texts.second]
        }
        #expect(shown("1", "2") == ["1", "2"])
        let long = String(repeating: "é", count: 10_000)
        #expect(shown("1", long)[1] == String(repeating: "é", count: ShownValue.usualLength) + "…")
        let tails = shown(long + "A\u{1B}[2J", long + "B\n")
        #expect(
            tails == [
                "…" + String(repeating: "é", count: 8) + "A\\u{1b}[2J",
                "…" + String(repeating: "é", count: 8) + "B\\u{a}",
            ]
        )
        #expect(shown(long, long + "x", isComplete: true) == [long, long + "x"])
    }
}
