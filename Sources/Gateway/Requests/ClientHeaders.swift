/// The headers of clients that go to models where `general_settings.forward_client_headers_to_llm_api` is true.
enum ClientHeaders {
    /// Headers that say how the request reached the gateway, or that are for the gateway itself.
    private static let kept = ["x-stainless-", "x-litellm-", "x-forwarded-", "x-real-ip", "x-api-key", "x-request-id"]

    /// Whether a header is forwarded.
    ///
    /// - Parameter name: its name in lower case.
    static func isForwarded(_ name: String) -> Bool {
        guard name.utf8.starts(with: "x-".utf8) || name.utf8.elementsEqual("anthropic-beta".utf8) else { return false }
        return !kept.contains { name.utf8.starts(with: $0.utf8) }
    }

    /// What the headers are to a cache key: they may change the answer, in whatever order they come.
    ///
    /// - Parameter lines: the headers, each as `name:value`.
    static func key(of lines: [String]) -> [UInt8] {
        let sorted = lines.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        // No value has a zero byte.
        return sorted.flatMap { [0] + $0 }
    }
}
