import Dialects
import JSON
import JSONReference
import NIOCore
import ResponseCache
import SeededRandom
import Testing

@Suite struct ReadRequestTests {
    private func failure(_ body: String) throws -> RequestError? {
        let document = try document(body)
        do throws(RequestError) {
            _ = try document.readRequest(OpenAI.request)
            return nil
        } catch {
            return error
        }
    }

    @Test("The model, its place and the delivery are read") func members() throws {
        let body = #"{"messages":[{"model":"inner","stream":true}],"mod\u0065l":"gpt\n","stream":false,"input":"x"}"#
        let document = try document(body)
        let request = try document.readRequest(OpenAI.request)
        #expect(request.model == "gpt\n")
        guard case .literal(let literal) = request.modelPlace else { return #expect(Bool(false)) }
        #expect(Array(body.utf8)[literal] == Array(#""gpt\n""#.utf8)[...])
        #expect(!request.isStream && request.cache == nil && request.cuts.isEmpty && !request.isCachingOff)
        #expect(request.input.flatMap { document.string($0) } == "x")
    }

    @Test(
        "What is no request names the member and the byte",
        arguments: [
            ("[]", .notAnObject, "", 0), (" 1", .notAnObject, "", 1), (" {}", .missing, "model", 1),
            (#"{"model":""}"#, .empty, "model", 9), (#"{"model":null}"#, .notAString, "model", 9),
            (#"{"model":["a"]}"#, .notAString, "model", 9), (#"{"model":"m","stream":1}"#, .notABoolean, "stream", 22),
            (#"{"model":"m","stream":"true"}"#, .notABoolean, "stream", 22),
            (#"{"model":"m","caching":"false"}"#, .notABoolean, "caching", 23),
            (#"{"model":"m","cache":true}"#, .notAnObjectMember, "cache", 21),
            (#"{"model":"m","cache":[]}"#, .notAnObjectMember, "cache", 21),
        ] as [(String, RequestError.Code, String, Int)]
    )
    func errors(body: String, code: RequestError.Code, member: String, offset: Int) throws {
        let error = try #require(try failure(body))
        #expect(error == RequestError(code: code, member: member, offset: offset))
        #expect(error.description.contains(member.isEmpty ? "JSON object" : "'\(member)'"))
    }

    @Test("A model's name has at most 1,024 bytes, however they are written")
    func longNames() throws {
        for name in [String(repeating: "a", count: 1024), String(repeating: #"\u0041"#, count: 1024)] {
            #expect(try document(#"{"model":"\#(name)"}"#).readRequest(OpenAI.request).model.utf8.count == 1024)
        }
        for name in [
            String(repeating: "a", count: 1025), String(repeating: #"\u0041"#, count: 1025),
            String(repeating: "\u{301}", count: 1 << 20),
        ] {
            let error = try #require(try failure(#"{"model":"\#(name)"}"#))
            #expect(error == RequestError(code: .nameTooLong, member: "model", offset: 9))
            #expect(error.description.contains("1024 bytes"))
        }
    }

    @Test(
        "A member that differs from one of ours in the case of its letters is refused by its name",
        arguments: [
            (#"{"model":"m","Model":"x"}"#, "Model", 13), (#"{"MODEL":"m"}"#, "MODEL", 1),
            (#"{"model":"m","streaM":true}"#, "streaM", 13), (#"{"model":"m","Cache":{}}"#, "Cache", 13),
            (#"{"model":"m","CACHE":null}"#, "CACHE", 13), (#"{"\u004dodel":"x","model":"m"}"#, "Model", 1),
            (#"{"model":"m","Stream_Options":{}}"#, "Stream_Options", 13),
        ] as [(String, String, Int)]
    )
    func otherCase(body: String, member: String, offset: Int) throws {
        let error = try #require(try failure(body))
        #expect(error == RequestError(code: .wrongCase, member: member, offset: offset))
        #expect(error.description.contains("'\(member)'") && error.description.contains("'\(member.lowercased())'"))
    }

    @Test("Members that only resemble ours, or stand deeper, are not refused")
    func similar() throws {
        for member in [
            #""Models":1"#, #""_Model":1"#, #""tools":[{"Model":1,"Stream":2,"Cache":3}]"#, #""Input":1"#,
            #""mode1":1"#, #""[ache":1"#, #""c\u00e0che":1"#,
        ] {
            #expect(try document(#"{"model":"m",\#(member)}"#).readRequest(OpenAI.request).model == "m")
        }
    }

    @Test("Null stands for absent", arguments: ["null", "true", "false"]) func null(stream: String) throws {
        let document = try document("{\"model\":\"m\",\"stream\":\(stream),\"cache\":null}")
        let request = try document.readRequest(OpenAI.request)
        #expect(request.isStream == (stream == "true"))
        #expect(request.cache == nil && request.cuts.count == 1)
    }

    @Test("With `cache` cut out, the rest is the same object without it") func cut() throws {
        let others = [#""model":"m""#, #""a":[1,{"cache":2}]"#, #""z":{}"#]
        for space in ["", " ", "\n\t "] {
            for name in ["\"cache\"", #""c\u0061che""#] {
                for place in 0...3 {
                    var members = others
                    members.insert("\(name)\(space):\(space){\"ttl\":1,\"b\":[]}", at: place)
                    let joined = { (members: [String]) in
                        space + "{" + space + members.joined(separator: space + "," + space) + space + "}" + space
                    }
                    var body = Array(joined(members).utf8)
                    let document = try document(joined(members))
                    let request = try document.readRequest(OpenAI.request)
                    #expect(request.cache.flatMap { document.member("ttl", of: $0) } != nil)
                    #expect(request.cuts.count == 1)
                    body = body.without(request.cuts)
                    #expect(try JSONOracle.read(body) == JSONOracle.read(Array(joined(others).utf8)))
                }
            }
        }
    }

    @Test("A body with nothing but `cache` beside the model is cut to the model alone") func cutOfTwo() throws {
        for body in [#"{"cache":{},"model":"m"}"#, #"{"model":"m","cache":{}}"#] {
            let request = try document(body).readRequest(OpenAI.request)
            #expect(Array(body.utf8).without(request.cuts) == Array(#"{"model":"m"}"#.utf8))
        }
    }

    /// The members that LiteLLM does not send to the model, and neither does the gateway.
    static let gatewayOnly = [
        "tags", "ttl", "no-log", "caching", "cache_key", "api_key", "api_base", "base_url", "api_version", "timeout",
        "fallbacks", "guardrails", "num_retries", "max_retries", "drop_params", "mock_response", "mock_timeout",
        "mock_delay", "mock_tool_calls", "litellm_metadata", "litellm_session_id", "litellm_trace_id",
        "litellm_call_id", "litellm_anything", "langfuse_secret_key", "preset_cache_key", "request_timeout",
        "stream_timeout", "max_parallel_requests", "context_window_fallback_dict", "input_cost_per_token",
    ]

    /// The members of OpenAI's requests, and names that resemble those that are removed.
    static let kept = [
        "messages", "user", "n", "stop", "temperature", "top_p", "max_tokens", "max_completion_tokens",
        "stream", "stream_options", "seed", "tools", "tool_choice", "parallel_tool_calls", "functions", "logit_bias",
        "logprobs", "top_logprobs", "modalities", "audio", "prediction", "presence_penalty", "frequency_penalty",
        "reasoning_effort", "response_format", "service_tier", "store", "verbosity", "web_search_options",
        "safety_identifier", "prompt_cache_key", "prompt", "suffix", "best_of", "echo", "input", "dimensions",
        "encoding_format", "instructions", "prompt_id", "tag", "tagss", "litellm_", "litellm", "langfuse", "", "Tags",
        "mock_responses", "xaching",
    ]

    @Test("What is for the gateway alone is cut out wherever it stands, and is not part of the key")
    func gatewayOnlyCut()
        throws
    {
        let builder = try CacheKeyBuilder()
        let plain = try builder.key(for: CanonicalKeyTests.material(), body: document(#"{"model":"m","messages":[]}"#))
        for name in Self.gatewayOnly {
            let value = name == "caching" ? "true" : name == "cache_key" ? "null" : #"{"tags":[1,"}"]}"#
            let escaped = "\\u00" + String(name.utf8.first ?? 0, radix: 16) + name.dropFirst()
            for member in ["\"\(name)\" : \(value)", "\"\(escaped)\":\(value)"] {
                for body in [
                    "{\(member),\"model\":\"m\",\"messages\":[]}", "{\"model\":\"m\", \(member) ,\"messages\":[]}",
                    "{\"model\":\"m\",\"messages\":[],\(member)}",
                ] {
                    let document = try document(body)
                    let request = try document.readRequest(OpenAI.request)
                    let rest = Array(body.utf8).without(request.cuts)
                    #expect(
                        try JSONOracle.read(rest) == JSONOracle.read(Array(#"{"model":"m","messages":[]}"#.utf8)),
                        "\(body)"
                    )
                    #expect(try builder.key(for: CanonicalKeyTests.material(), body: document) == plain, "\(body)")
                }
            }
        }
    }

    @Test("What is the model's is not cut out", arguments: kept) func modelsOwn(name: String) throws {
        let value = name.hasPrefix("stream") ? "null" : "1"
        #expect(try document("{\"model\":\"m\",\"\(name)\":\(value)}").readRequest(OpenAI.request).cuts.isEmpty)
    }

    @Test("Many members are cut out at once, in any order, and the rest is the same object") func manyCuts() throws {
        var random = SeededGenerator(seed: 7)
        let others = [#""model":"m""#, #""messages":[{"tags":1}]"#, #""user":"u""#]
        let cut = [#""tags":[1]"#, #""cache":{}"#, #""caching":null"#, #""mock_response":"x""#, #""num_retries" : 2"#]
        for _ in 0..<500 {
            let members = (others + cut.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
            let space = ["", " ", "\n "].randomElement(using: &random) ?? ""
            let body = Array("{\(space)\(members.joined(separator: "\(space),\(space)"))\(space)}".utf8)
            let document = try document(String(decoding: body, as: UTF8.self))
            let cuts = try document.readRequest(OpenAI.request).cuts
            #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect(
                try JSONOracle.read(body.without(cuts))
                    == JSONOracle.read(Array("{\(others.joined(separator: ","))}".utf8))
            )
        }
    }

    @Test("`caching` of false turns the cache off; true and null do not", arguments: ["true", "false", "null"])
    func caching(value: String) throws {
        let request = try document("{\"caching\":\(value),\"model\":\"m\"}").readRequest(OpenAI.request)
        #expect(request.isCachingOff == (value == "false"))
    }

    @Test(
        "Inputs are parsed one by one where each has an embedding of its own",
        arguments: [
            (#""one""#, [#""one""#]), (#""""#, [#""""#]), (#"["a","b","a"]"#, [#""a""#, #""b""#, #""a""#]),
            ("[1,2,3]", ["[1,2,3]"]), ("[[1,2],[3]]", ["[1,2]", "[3]"]), ("[]", nil), (#"["a",1]"#, nil),
            (#"[1,"a"]"#, nil),
            ("[[1],2]", nil), ("[[]]", nil), ("[[1],[]]", nil), (#"[["a"]]"#, nil), ("[1.5]", nil), ("[[1,null]]", nil),
            ("null", nil), ("{}", nil), ("[{}]", nil), ("[null]", nil), ("7", nil), ("[true]", nil),
        ] as [(String, [String]?)]
    )
    func inputs(input: String, parts: [String]?) throws {
        let body = "{\"model\":\"m\",\"input\":\(input)}"
        let document = try document(body)
        let node = try #require(try document.readRequest(OpenAI.request).input)
        let read = document.inputs(of: node)?.map { part in
            document.byteRange(of: part).map { String(decoding: Array(body.utf8)[$0], as: UTF8.self) }
        }
        #expect(read == parts)
    }
}

extension [UInt8] {
    /// The bytes without those of `ranges`, which are in order.
    func without(_ ranges: [Range<Int>]) -> [UInt8] {
        var rest = self
        for range in ranges.reversed() { rest.removeSubrange(range) }
        return rest
    }
}
