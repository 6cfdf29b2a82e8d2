import Dialects
import JSON
import ResponseCache
import Testing

@Suite("Members for the gateway alone") struct GatewayOnlyMembersTests {
    private static let table = DialectTable([OpenAI.dialect, Anthropic.dialect])

    /// All members that docs/caching.md lists, with the values that LiteLLM's clients send.
    static let all = [
        #""litellm_metadata":{"a":1}"#, #""litellm_session_id":"s""#, #""litellm_trace_id":"t""#,
        #""litellm_call_id":"c""#, #""litellm_logging_obj":null"#, #""langfuse_secret_key":"s""#,
        #""langsmith_project":"p""#, #""tags":["a"]"#, #""guardrails":["g"]"#, #""disable_global_guardrails":true"#,
        #""no-log":true"#, #""turn_off_message_logging":true"#, #""model_info":{"id":"x"}"#, #""base_model":"b""#,
        #""mock_response":"a lie""#, #""mock_tool_calls":[{}]"#, #""mock_delay":1"#, #""mock_timeout":true"#,
        #""cache":{"ttl":1}"#, #""caching":true"#, #""cache_key":"k""#, #""preset_cache_key":"k""#,
        #""caching_groups":[["a","b"]]"#, #""ttl":5"#, #""num_retries":3"#, #""max_retries":3"#,
        #""retry_policy":{}"#, #""retry_strategy":"exponential_backoff_retry""#, #""context_window_fallbacks":[]"#,
        #""content_policy_fallbacks":[]"#, #""context_window_fallback_dict":{}"#, #""disable_fallbacks":true"#,
        #""max_fallbacks":1"#, #""fallback_depth":1"#, #""cooldown_time":1"#, #""timeout":1"#,
        #""request_timeout":1"#, #""stream_timeout":1"#, #""force_timeout":1"#, #""fastest_response":true"#,
        #""api_key":"sk-other""#, #""api_base":"http://127.0.0.1:1""#, #""base_url":"http://127.0.0.1:1""#,
        #""api_version":"v""#, #""custom_llm_provider":"openai""#, #""use_litellm_proxy":true"#,
        #""provider_specific_header":{}"#, #""allowed_model_region":"eu""#, #""drop_params":true"#,
        #""additional_drop_params":["a"]"#, #""allowed_openai_params":["a"]"#, #""rpm":1"#, #""tpm":1"#,
        #""max_parallel_requests":1"#, #""max_budget":1"#, #""budget_duration":"1d""#, #""input_cost_per_token":1"#,
        #""output_cost_per_token":1"#, #""input_cost_per_second":1"#, #""output_cost_per_second":1"#,
    ]

    @Test("reach no model and change no key, whatever the call", arguments: all)
    func noCall(member: String) throws {
        for call in Self.table.calls {
            let plain = #"{"model":"m","x":[1]}"#
            for body in [#"{\#(member),"model":"m","x":[1]}"#, #"{"model":"m","x":[1],\#(member)}"#] {
                let document = try document(body)
                let cuts = try document.readRequest(call.request).cuts
                #expect(Array(body.utf8).without(cuts) == Array(plain.utf8), "\(call.path)")
                #expect(document.canonical == (try read(plain, as: call)), "\(call.path)")
            }
        }
    }

    @Test("include fallbacks, which are Anthropic's own in messages")
    func fallbacks() throws {
        for call in Self.table.calls {
            let document = try document(#"{"model":"m","fallbacks":["gpt-4"]}"#)
            let isCut = try !document.readRequest(call.request).cuts.isEmpty
            #expect(isCut != call.path.hasPrefix("/messages"), "\(call.path)")
        }
    }

    @Test("are cut out all at once")
    func allAtOnce() throws {
        for call in Self.table.calls {
            let body = "{\(Self.all.joined(separator: ", ")) , \"model\":\"m\"}"
            let document = try document(body)
            #expect(
                Array(body.utf8).without(try document.readRequest(call.request).cuts) == Array(#"{"model":"m"}"#.utf8)
            )
        }
    }

    private func read(_ body: String, as call: ServedCall) throws -> [UInt8] {
        let document = try document(body)
        _ = try document.readRequest(call.request)
        return document.canonical
    }
}

extension JSONDocument {
    /// The canonical form of the body, without the members that are left out of keys.
    var canonical: [UInt8] {
        let writer = CanonicalWriter()
        if let root { writer.append(root, of: self) }
        return Array(writer.bytes)
    }
}
