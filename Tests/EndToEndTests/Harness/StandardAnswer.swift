extension Answer {
    /// Answers as OpenAI does, each time with another text or, for embeddings, with a vector that identifies its input.
    static let standard: RecordingUpstream.Script = { request, number in
        let path = request.uri.split(separator: "?").first ?? ""
        if path.hasSuffix("/chat/completions") { return .chat("answer \(number)") }
        if path.hasSuffix("/completions") { return .completion("answer \(number)") }
        if path.hasSuffix("/embeddings") { return .embeddings(for: request.json["input"]) }
        return .json(
            #"{"error":{"message":"no such path","type":"invalid_request_error","param":null,"code":null}}"#,
            status: 404
        )
    }

    /// A chat answer with `content`.
    static func chat(_ content: String) -> Answer {
        .json(
            #"{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-3.5-turbo-0125","#
                + #""choices":[{"index":0,"message":{"role":"assistant","content":"\#(content)"},"#
                + #""logprobs":null,"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}}"#
        )
    }

    /// An answer of the legacy completions endpoint.
    static func completion(_ text: String) -> Answer {
        .json(
            #"{"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"gpt-3.5-turbo-instruct","#
                + #""choices":[{"index":0,"text":"\#(text)","logprobs":null,"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#
        )
    }

    /// One vector for each input: its length and its first byte. Each input counts 3 tokens.
    static func embeddings(for input: JSON) -> Answer {
        let inputs = input.string.map { [$0] } ?? input.array.compactMap(\.string)
        let data = inputs.enumerated().map { index, text in
            #"{"object":"embedding","index":\#(index),"embedding":[\#(text.utf8.count).5,\#(text.utf8.first ?? 0)]}"#
        }
        let tokens = 3 * inputs.count
        return .json(
            #"{"object":"list","data":[\#(data.joined(separator: ","))],"model":"text-embedding-ada-002","#
                + #""usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens)}}"#
        )
    }

    /// An OpenAI error.
    static func failure(_ status: Int, headers: [(String, String)] = []) -> Answer {
        .json(
            #"{"error":{"message":"upstream says no","type":"server_error","param":null,"code":"upstream_\#(status)"}}"#,
            status: status,
            headers: headers
        )
    }
}
