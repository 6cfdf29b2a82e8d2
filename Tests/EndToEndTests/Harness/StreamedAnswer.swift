extension Answer {
    /// A whole streamed chat answer in one write, with a chunk for each word.
    static func chatStream(_ words: [String], usage: Bool = false, ends: String = "data: [DONE]\n\n") -> Answer {
        let deltas = [#"{"role":"assistant","content":""}"#] + words.map { #"{"content":"\#($0)"}"# }
        let chunks = deltas.map { chunk($0) } + [chunk("{}", finish: #""stop""#)]
        let tail = usage ? [usageChunk] : []
        return Answer(
            headers: [("content-type", "text/event-stream; charset=utf-8")],
            body: .bytes(Array(((chunks + tail).map { "data: \($0)\n\n" }.joined() + ends).utf8))
        )
    }

    /// One chunk of a chat answer.
    static func chunk(_ delta: String, finish: String = "null") -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-3.5-turbo-0125","#
            + #""choices":[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}]}"#
    }

    static let usageChunk =
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-3.5-turbo-0125","#
        + #""choices":[],"usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}}"#

    /// Gives every client the same answer, as a stream or in one piece, with the usage where it is requested.
    static let eitherForm: RecordingUpstream.Script = { request, _ in
        guard request.json["stream"].bool == true else { return .chat("one two three") }
        return .chatStream(["one", " two", " three"], usage: request.text.contains("include_usage"))
    }

    /// Answers in either form, when the gate opens.
    static func eitherForm(behind gate: Gate) -> RecordingUpstream.Script {
        { request, number in
            var answer = eitherForm(request, number)
            answer.gate = gate
            return answer
        }
    }
}

extension GatewayProcess {
    /// Requests a stream.
    func stream(_ question: String, usage: Bool = false, _ members: String = "") async throws -> Response {
        let options = usage ? #","stream_options":{"include_usage":true}"# : ""
        let more = members.isEmpty ? "" : ",\(members)"
        return try await chat(question, #""stream":true\#(options)\#(more)"#)
    }
}

extension Response {
    /// The data of the events of a stream.
    var events: [String] {
        text.split(separator: "\n\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }

    /// The content of the first choice of a streamed chat answer.
    var streamedContent: String {
        events.compactMap { JSON(Array($0.utf8))["choices"][0]["delta"]["content"].string }.joined()
    }
}
