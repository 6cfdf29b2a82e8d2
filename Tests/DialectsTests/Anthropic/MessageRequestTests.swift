import JSON
import ResponseCache
import Testing

@testable import Dialects

@Suite("A request for a message")
struct MessageRequestTests {
    private func bypass(_ members: String, _ allowance: CacheAllowance = CacheAllowance()) throws -> String? {
        let document = try document(#"{"model":"m","max_tokens":5,\#(members)"messages":[]}"#)
        return Anthropic.request.bypass?(document, allowance).map { "\($0.detail)" }
    }

    @Test(
        "is not cached for what it lets the provider do",
        arguments: [
            ("", nil), (#""container":"c","#, "stateful"), (#""container":{"skills":[]},"#, "stateful"),
            (#""container":null,"#, nil), (#""mcp_servers":[{"type":"url"}],"#, "tool"), (#""mcp_servers":[],"#, nil),
            (#""fallbacks":[{"model":"x"}],"#, "one-off"), (#""fallback_credit_token":"t","#, "one-off"),
            (#""diagnostics":{},"#, "one-off"), (#""diagnostics":null,"#, nil), (#""contain\u0065r":"c","#, "stateful"),
            (#""thinking":{"type":"enabled","budget_tokens":1024},"#, nil),
        ]
    )
    func members(members: String, detail: String?) throws {
        #expect(try bypass(members) == detail)
    }

    @Test("that only fills the provider's own cache is not cached", arguments: ["0", "0.0", "-0", "0e5"])
    func warming(number: String) throws {
        let document = try document(#"{"model":"m","max_tokens":\#(number),"messages":[]}"#)
        #expect(Anthropic.request.bypass?(document, CacheAllowance()) == CacheBypass("max_tokens"))
    }

    @Test(
        "is not cached with a tool that the provider runs, and cached with those that the client runs",
        arguments: [
            ("web_search_20250305", true), ("web_fetch_20250910", true), ("code_execution_20250825", true),
            ("tool_search_tool_regex_20251119", true), ("mcp_toolset", true), ("news_20990101", true),
            ("bash_code_execution", true), ("bash_20250124", false), ("text_editor_20250728", false),
            ("computer_20250124", false), ("computer_toolset_20260801", false), ("memory_20250818", false),
            ("custom", false), ("web_search", true), ("20250305", true), ("_20250305", true), ("", true),
        ]
    )
    func tools(type: String, isBypassed: Bool) throws {
        let tools = #""tools":[{"name":"f","input_schema":{}},{"type":null},{"type":"\#(type)","name":"n"}],"#
        #expect(try bypass(tools) == (isBypassed ? "tool" : nil))
    }

    @Test("is cached with what the configuration allows, by the type of a tool with or without its date")
    func allowed() throws {
        let search = #""tools":[{"type":"web_search_20250305","name":"web_search"}],"#
        for name in ["web_search", "web_search_20250305"] {
            #expect(try bypass(search, CacheAllowance(tools: ["x", name])) == nil)
        }
        for name in ["web_fetch", "web_searc", "web_search_20250306", "WEB_SEARCH"] {
            #expect(try bypass(search, CacheAllowance(tools: [name])) == "tool")
        }
        let both = #""tools":[{"type":"web_search_20250305"},{"type":"web_fetch_20250910"}],"#
        #expect(try bypass(both, CacheAllowance(tools: ["web_search"])) == "tool")
        #expect(try bypass(#""container":"c","#, CacheAllowance(stateful: true)) == nil)
    }

    private func read(_ members: String) throws -> (JSONDocument, ReadRequest) {
        let document = try document(#"{"model":"m","messages":[]\#(members)}"#)
        return (document, try document.readRequest(Anthropic.request))
    }

    private func key(_ members: String) throws -> CacheKey {
        let (document, _) = try read(members)
        return try CacheKeyBuilder().key(for: try CanonicalKeyTests.material(), body: document)
    }

    @Test(
        "has the same key without the members that do not change the answer",
        arguments: [
            #","metadata":{"user_id":"u"}"#, #","stream":true"#, #","cache":{"ttl":5}"#, #","caching":true"#,
            #","tags":["a"],"litellm_metadata":{},"timeout":5,"num_retries":1,"mock_response":"x""#,
        ]
    )
    func sameKey(members: String) throws {
        #expect(try key(members) == key(""))
    }

    @Test(
        "has another key with any other member",
        arguments: [
            #","max_tokens":6"#, #","system":"s""#, #","service_tier":"auto""#, #","inference_geo":"us""#,
            #","speed":"fast""#, #","cache_control":{"type":"ephemeral"}"#, #","input":"x""#,
            #","fallbacks":[{"model":"x"}]"#, #","thinking":{"type":"disabled"}"#,
            #","output_config":{"effort":"low"}"#,
        ]
    )
    func otherKey(members: String) throws {
        #expect(try key(members) != key(""))
    }

    @Test("loses LiteLLM's members and the cache's, and keeps metadata and Anthropic's fallbacks")
    func cuts() throws {
        #expect(try read(#","metadata":{},"fallbacks":[],"container":"c","stream":true"#).1.cuts.isEmpty)
        #expect(try read(#","cache":{},"metadata":{},"tags":[]"#).1.cuts.count == 2)
        #expect(try read(#","api_key":"k","cache":{}"#).1.cuts.count == 1)
    }
}
