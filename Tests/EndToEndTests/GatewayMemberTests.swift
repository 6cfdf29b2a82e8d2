import Foundation
import Testing

/// Members of a request that LiteLLM handles itself. The gateway does not send them to the model either.
@Suite("Members for the gateway alone", .timeLimit(.minutes(1)))
struct GatewayMemberTests {
    private static let members = """
        "tags":["a"],"litellm_metadata":{"x":1},"litellm_session_id":"s","litellm_trace_id":"t","litellm_call_id":"c",\
        "num_retries":3,"metadata":{"tags":["a"]},"mock_response":"a lie","guardrails":["g"],"fallbacks":["gpt-4"],"ttl":5,\
        "no-log":true,"api_key":"sk-other","api_base":"http://127.0.0.1:1","caching":true,"cache":{"ttl":60},\
        "mock_tool_calls":[],"timeout":1,"drop_params":true,"langfuse_secret_key":"s"
        """

    @Test("are not sent to the model, and are not part of the key")
    func stripped() async throws {
        try await withGateway { gateway, upstream async throws in
            let first = try await gateway.chat("hello", #""temperature":0.5,\#(Self.members),"user":"anna""#)
            #expect(first.content == "answer 1")
            #expect(first.cacheStatus.contains("stored"))
            #expect(
                upstream.requests.first?.text
                    == #"{"model":"gpt-3.5-turbo-0125","messages":[{"role":"user","content":"hello"}],"temperature":0.5,"user":"anna"}"#
            )
            #expect(try await gateway.chat("hello", #""temperature":0.5,"user":"anna""#).isHit)
            #expect(try await gateway.chat("hello", #""tags":["b"],"temperature":0.5,"user":"anna""#).isHit)
            #expect(upstream.calls == 1)
        }
    }

    @Test("are cut out in front of all others too, without a cache as with one", arguments: [true, false])
    func leading(isCached: Bool) async throws {
        try await withGateway(isCached ? Configurations.local : Configurations.uncached) {
            gateway,
            upstream async throws in
            let body = "{\(Self.members), \"model\":\"gpt-4\",\"messages\":[]}"
            #expect(try await gateway.post("/v1/chat/completions", body).content == "answer 1")
            #expect(upstream.requests.first?.text == #"{"model":"gpt-4-0613","messages":[]}"#)
        }
    }

    @Test("are kept from embeddings too, whose inputs are found without them")
    func embeddings() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.embed(["a", "b"], Self.members)
            #expect(upstream.requests.first?.json["tags"].exists == false)
            #expect(upstream.requests.first?.json["mock_response"].exists == false)
            #expect(try await gateway.embed(["b"]).isHit)
            #expect(upstream.calls == 1)
        }
    }

    @Test("A mock_response of a client has no effect, whatever its form")
    func mock() async throws {
        try await withGateway { gateway, upstream async throws in
            for (number, mock) in [#""lie""#, #"{"choices":[]}"#, "null", "true"].enumerated() {
                let answer = try await gateway.chat("question \(number)", #""mock\u005fresponse":\#(mock)"#)
                #expect(answer.content == "answer \(number + 1)")
            }
            #expect(upstream.requests.allSatisfy { !$0.json["mock_response"].exists })
        }
    }

    @Test("metadata reaches the model only where a chat is stored and OpenAI would take it")
    func metadata() async throws {
        try await withGateway { gateway, upstream async throws in
            let labels = #""metadata":{"a":"b"}"#
            _ = try await gateway.chat("one", labels)
            _ = try await gateway.chat("two", #"\#(labels),"store":true"#)
            _ = try await gateway.chat("three", #""store":true,"metadata":{"tags":["a"]}"#)
            #expect(upstream.requests.map { $0.json["metadata"].exists } == [false, true, false])
            #expect(upstream.requests[1].json["metadata"]["a"].string == "b")
        }
    }

    // MARK: cache_key

    @Test("cache_key takes the place of the body, in both forms, for one call, one model and one namespace")
    func cacheKey() async throws {
        try await withGateway { gateway, upstream async throws in
            let first = try await gateway.chat("hello", #""cache_key":"k""#)
            #expect(first.content == "answer 1" && first.cacheStatus.contains("stored"))
            #expect(upstream.requests.first?.json["cache_key"].exists == false)
            let other = try await gateway.chat("something else", #""temperature":1,"cache_key":"\u006b""#)
            #expect(other.isHit && other.content == "answer 1")
            let stream = try await gateway.chat("again", #""cache_key":"k","stream":true"#)
            #expect(stream.isHit && stream.text.contains("answer 1"))
            // The same name is another key everywhere else.
            for members in [#""cache_key":"K""#, #""cache_key":null"#, #""cache_key":"k","cache":{"namespace":"n"}"#] {
                #expect(!(try await gateway.chat("something else", members)).isHit, "\(members)")
            }
            #expect(!(try await gateway.chat("something else", model: "gpt-4", #""cache_key":"k""#)).isHit)
            let completion = #"{"model":"gpt-3.5-turbo","prompt":"x","cache_key":"k"}"#
            #expect(!(try await gateway.post("/v1/completions", completion)).isHit)
            #expect(upstream.calls == 6)
            // Each input of embeddings has its own key, whatever the request names.
            _ = try await gateway.embed(["a", "b"], #""cache_key":"k""#)
            #expect(try await gateway.embed(["b"], #""cache_key":"other""#).isHit)
            #expect(!(try await gateway.embed(["c"], #""cache_key":"k""#)).isHit)
        }
    }

    @Test("A cache_key that is no string of 1 to 1,024 bytes is a 400 that names it")
    func wrongCacheKey() async throws {
        try await withGateway { gateway, upstream async throws in
            let long = String(repeating: "\u{E9}", count: 512)
            #expect(try await gateway.chat("hello", "\"cache_key\":\"\(long)\"").status == 200)
            for (value, text) in [
                ("1", "must be a string"), (#"["k"]"#, "must be a string"), (#""""#, "1 to 1024 bytes"),
                ("\"\(long)x\"", "1 to 1024 bytes"),
                ("\"\(String(repeating: "x", count: 100_000))\"", "1 to 1024 bytes"),
            ] {
                let answer = try await gateway.chat("hello", "\"cache_key\":\(value)")
                #expect(answer.status == 400)
                let message = answer.json["error"]["message"].string ?? ""
                #expect(message.contains("'cache_key'") && message.contains(text) && message.contains("byte"))
                #expect(answer.json["error"]["param"].string == "cache_key")
            }
            #expect(upstream.calls == 1)
        }
    }

    // MARK: caching

    @Test("caching: false neither reads nor stores, and says that the request asked for it")
    func cachingFalse() async throws {
        try await withGateway { gateway, upstream async throws in
            let first = try await gateway.chat("hello", #""caching":false"#)
            #expect(first.content == "answer 1")
            #expect(first.wasForwarded("request") && !first.cacheStatus.contains("stored"))
            #expect(try await gateway.chat("hello").content == "answer 2")
            let second = try await gateway.chat("hello", #""caching":false"#)
            #expect(second.content == "answer 3" && second.wasForwarded("request"))
            #expect(try await gateway.chat("hello").content == "answer 2", "the stored answer stays")
            #expect(upstream.requests.allSatisfy { !$0.json["caching"].exists })
            #expect(upstream.calls == 3)
        }
    }

    @Test("caching: false keeps embeddings and streams out of the cache as well")
    func otherAnswers() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.embed(["a"])
            let embedding = try await gateway.embed(["a"], #""caching":false"#)
            #expect(embedding.wasForwarded("request"))
            #expect(upstream.calls == 2)
            let refused = try await gateway.chat(
                "hello",
                #""caching":false"#,
                headers: ["Cache-Control": "only-if-cached"]
            )
            #expect(refused.status == 504)
            #expect(upstream.calls == 2)
        }
    }

    @Test("caching: true and null are accepted; anything else is a 400 that names it")
    func cachingValues() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello", #""caching":true"#)
            #expect(try await gateway.chat("hello", #""caching":null"#).isHit)
            for value in ["\"false\"", "0", "[]"] {
                let answer = try await gateway.chat("hello", "\"caching\":\(value)")
                #expect(answer.status == 400)
                #expect(answer.json["error"]["param"].string == "caching")
            }
            #expect(upstream.calls == 1)
        }
    }
}
