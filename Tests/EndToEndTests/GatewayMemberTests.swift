import Foundation
import Testing

/// Members of a request that LiteLLM handles itself. The gateway does not send them to the model either.
@Suite("Members for the gateway alone", .timeLimit(.minutes(1)))
struct GatewayMemberTests {
    private static let members = """
        "tags":["a"],"litellm_metadata":{"x":1},"litellm_session_id":"s","litellm_trace_id":"t","litellm_call_id":"c",\
        "num_retries":3,"cache_key":"k","mock_response":"a lie","guardrails":["g"],"fallbacks":["gpt-4"],"ttl":5,\
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
