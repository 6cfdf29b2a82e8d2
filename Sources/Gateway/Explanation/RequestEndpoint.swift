import JSON
import NIOCore
import Upstream

/// The path to which a request is sent, and why that one was chosen.
struct RequestEndpoint: Equatable {
    let path: String
    /// A clause that says why: `since it has 'messages'`. It is nil where the path was given.
    let because: String?

    /// The path that was given.
    init(given path: String) { (self.path, because) = (path, nil) }

    private init(_ path: String, _ because: String) { (self.path, self.because) = (path, because) }

    /// Chooses the path from the members of a body. A body that is no JSON object is taken for a chat, whose reader says
    /// what is wrong with it.
    ///
    /// - Parameters:
    ///   - document: scratch space.
    ///   - nodeLimit: how many values the body may have.
    ///   - isAnthropic: whether the model of that name is Anthropic's.
    init(of body: ByteBuffer, _ document: JSONDocument, nodeLimit: Int, isAnthropic: (String) -> Bool) {
        defer { document.reset() }
        let isRead: Void? = try? document.parse(body, nodeLimit: nodeLimit)
        guard isRead != nil, let root = document.root, document.kind(of: root) == .object else {
            self.init("/v1/chat/completions", "since it is no JSON object")
            return
        }
        func has(_ name: StaticString) -> Bool { document.member(name, of: root) != nil }
        func first(_ names: [StaticString]) -> StaticString? { names.first { has($0) } }
        let model = document.member("model", of: root).flatMap { node -> String? in
            guard let range = document.byteRange(of: node), range.count <= 1_024 else { return nil }
            return document.string(node)
        }
        if has("messages") {
            let because = "since it has 'messages'"
            if let model, isAnthropic(model) {
                self.init("/v1/messages", because + " and its model is Anthropic's")
            } else if has("system") {
                self.init("/v1/messages", "since it has 'messages' and 'system'")
            } else {
                self.init("/v1/chat/completions", because)
            }
        } else if has("documents"), has("query") {
            self.init("/v1/rerank", "since it has 'query' and 'documents'")
        } else if has("voice") {
            self.init("/v1/audio/speech", "since it has 'voice'")
        } else if has("input") {
            self = Self.ofInput(document, root, model?.lowercased() ?? "", first)
        } else if has("prompt") {
            if let name = first(["size", "quality", "style", "background", "output_format"]) {
                self.init("/v1/images/generations", "since it has 'prompt' and '\(name)'")
            } else {
                self.init("/v1/completions", "since it has 'prompt'")
            }
        } else {
            self.init("/v1/chat/completions", "since it has neither 'messages', 'input' nor 'prompt'")
        }
    }

    private static func ofInput(
        _ document: JSONDocument,
        _ root: JSONNode,
        _ model: String,
        _ first: ([StaticString]) -> StaticString?
    ) -> RequestEndpoint {
        let responseMembers: [StaticString] = [
            "instructions", "previous_response_id", "conversation", "max_output_tokens", "reasoning", "tools", "text",
            "store", "stream", "include", "truncation", "temperature", "background",
        ]
        if let name = first(["encoding_format", "dimensions"]) {
            return RequestEndpoint("/v1/embeddings", "since it has 'input' and '\(name)'")
        }
        if let name = first(responseMembers) {
            return RequestEndpoint("/v1/responses", "since it has 'input' and '\(name)'")
        }
        for (word, path) in [("embed", "/v1/embeddings"), ("moderation", "/v1/moderations")]
        where model.utf8.contains(word) {
            return RequestEndpoint(path, "since it has 'input' and its model's name has '\(word)'")
        }
        guard let input = document.member("input", of: root), document.kind(of: input) == .array else {
            return RequestEndpoint("/v1/responses", "since its 'input' is one text")
        }
        var elements = document.elements(of: input)
        guard let element = elements.next(), document.kind(of: element) != .object else {
            return RequestEndpoint("/v1/responses", "since its 'input' is a list of items")
        }
        return RequestEndpoint("/v1/embeddings", "since its 'input' is a list of texts or tokens")
    }
}

extension String.UTF8View {
    /// Whether the bytes of a word occur.
    fileprivate func contains(_ word: String) -> Bool {
        let (text, word) = (Array(self), Array(word.utf8))
        guard text.count >= word.count else { return false }
        return (0...text.count - word.count).contains { text[$0..<$0 + word.count].elementsEqual(word) }
    }
}
