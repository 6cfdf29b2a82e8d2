import JSON

/// The only table of the request members of OpenAI and LiteLLM.
extension RequestMember {
    /// - Parameter name: the member's name. Escapes in it are decoded.
    init(openAI name: JSONText) {
        self = name.escaped ? Self.decoded(name) : Self.named(name)
    }

    @inline(never)
    private static func decoded(_ name: JSONText) -> RequestMember {
        // An escape takes at most six bytes for each byte of a name, and every listed name is shorter than 64 bytes.
        guard name.count <= 6 * 64 else { return .other }
        return name.decoded.withUnsafeBufferPointer { text in
            text.baseAddress.map { named(JSONText(bytes: $0, count: text.count, escaped: false)) } ?? .other
        }
    }

    /// Compares the name only with known names of the same length, and first compares one byte at either end. That
    /// alone rules out nearly every name of a model's own members.
    private static func named(_ name: JSONText) -> RequestMember {
        switch name.count {
        case 4: name.matches("tags") ? .gatewayOnly : .other
        case 5:
            name.matches("model") ? .model : name.matches("cache") ? .cache : name.matches("input") ? .input : .other
        case 6: name.matches("stream") ? .stream : name.matches("no-log") ? .gatewayOnly : .other
        case 7: name.matches("caching") ? .caching : isGatewayOnly(name) ? .gatewayOnly : .other
        case 8: name.matches("metadata") ? .metadata : isGatewayOnly(name) ? .gatewayOnly : .other
        case 9: name.matches("cache_key") ? .cacheKey : isGatewayOnly(name) ? .gatewayOnly : .other
        case 14: name.matches("stream_options") ? .delivery : isGatewayOnly(name) ? .gatewayOnly : .other
        default: isGatewayOnly(name) ? .gatewayOnly : .other
        }
    }

    /// Whether a name is one of LiteLLM's `all_litellm_params` that a client may send. Names that change what the model
    /// is asked, such as `prompt_id`, are excluded, because a model that does not know them should reject them.
    private static func isGatewayOnly(_ name: JSONText) -> Bool {
        isListed(name) || name.begins(with: "litellm_") || name.begins(with: "langfuse_")
            || name.begins(with: "langsmith_")
    }

    private static func isListed(_ name: JSONText) -> Bool {
        switch name.count {
        case 3: name.matches("ttl") || name.matches("rpm") || name.matches("tpm")
        case 7: name.matches("api_key") || name.matches("timeout")
        case 8: name.matches("api_base") || name.matches("base_url")
        case 9: name.matches("fallbacks")
        case 10:
            name.matches("guardrails") || name.matches("mock_delay") || name.matches("model_info")
                || name.matches("base_model") || name.matches("max_budget")
        case 11:
            name.matches("num_retries") || name.matches("max_retries") || name.matches("api_version")
                || name.matches("drop_params")
        case 12: name.matches("mock_timeout") || name.matches("retry_policy")
        case 13:
            name.matches("mock_response") || name.matches("force_timeout") || name.matches("max_fallbacks")
                || name.matches("cooldown_time")
        case 14:
            name.matches("stream_timeout") || name.matches("caching_groups") || name.matches("retry_strategy")
                || name.matches("fallback_depth")
        case 15:
            name.matches("mock_tool_calls") || name.matches("request_timeout") || name.matches("budget_duration")
        case 16: name.matches("preset_cache_key") || name.matches("fastest_response")
        case 17: name.matches("disable_fallbacks") || name.matches("use_litellm_proxy")
        case 19: name.matches("custom_llm_provider")
        case 20: name.matches("input_cost_per_token") || name.matches("allowed_model_region")
        case 21:
            name.matches("output_cost_per_token") || name.matches("input_cost_per_second")
                || name.matches("max_parallel_requests") || name.matches("allowed_openai_params")
        case 22: name.matches("output_cost_per_second") || name.matches("additional_drop_params")
        case 24:
            name.matches("context_window_fallbacks") || name.matches("content_policy_fallbacks")
                || name.matches("turn_off_message_logging") || name.matches("provider_specific_header")
        case 25: name.matches("disable_global_guardrails")
        case 28: name.matches("context_window_fallback_dict")
        default: false
        }
    }
}

extension JSONText {
    /// Whether the content, which has no escapes and the length of `text`, is `text`.
    @inline(__always)
    fileprivate func matches(_ text: StaticString) -> Bool {
        let last = text.utf8CodeUnitCount &- 1
        guard count &- 1 == last, bytes[0] == text.utf8Start[0], bytes[last] == text.utf8Start[last] else {
            return false
        }
        return equals(text)
    }

    /// Whether the content, which has no escapes, is longer than `prefix` and begins with it.
    @inline(__always)
    fileprivate func begins(with prefix: StaticString) -> Bool {
        let length = prefix.utf8CodeUnitCount
        guard count > length, bytes[0] == prefix.utf8Start[0] else { return false }
        return JSONText(bytes: bytes, count: length, escaped: false).equals(prefix)
    }
}
