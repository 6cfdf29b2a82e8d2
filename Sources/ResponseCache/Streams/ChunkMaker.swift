import NIOCore

/// Makes the stream that a request with `stream` would have got out of an answer in one piece: for each choice its role, its
/// texts in pieces, its tool calls and its reason to finish; then the usage where it is asked for, and `[DONE]`.
///
/// What is put together of it by `AnswerAssembler` is the answer again.
struct ChunkMaker {
    private let answer: JSONTree
    private let includesUsage: Bool
    private let isChat: Bool
    private var out = ByteBuffer()
    private var isFirst = true

    /// The stream; nil: the answer is none that has choices.
    static func events(of answer: JSONTree, includesUsage: Bool) -> ByteBuffer? {
        guard let choices = answer["choices"]?.elements, !choices.isEmpty else { return nil }
        var maker = ChunkMaker(answer, includesUsage, isChat: choices.contains { $0["message"] != nil })
        for choice in choices { maker.add(choice) }
        maker.end()
        return maker.out
    }

    private init(_ answer: JSONTree, _ includesUsage: Bool, isChat: Bool) {
        self.answer = answer
        self.includesUsage = includesUsage
        self.isChat = isChat
    }

    // MARK: Chunks

    /// Members of the answer that every chunk has.
    private static let repeated: [StaticString] = [
        "id", "object", "created", "model", "system_fingerprint", "service_tier",
    ]

    private mutating func chunk(_ choices: [JSONTree], usage: JSONTree = .null) {
        var members: [JSONTree.Member] = []
        for member in answer.members where !member.isNamed("choices") && !member.isNamed("usage") {
            if member.isNamed("object") {
                members.append(isChat ? JSONTree.Member("object", .text("chat.completion.chunk")) : member)
            } else if isFirst || Self.repeated.contains(where: { member.isNamed($0) }) {
                members.append(member)
            }
        }
        isFirst = false
        members.append(JSONTree.Member("choices", .array(choices)))
        if includesUsage, answer["usage"] != nil { members.append(JSONTree.Member("usage", usage)) }
        out.writeStaticString("data: ")
        JSONTree.object(members).write(to: &out)
        out.writeStaticString("\n\n")
    }

    private mutating func end() {
        if includesUsage, let usage = answer["usage"], !usage.isNull { chunk([], usage: usage) }
        out.writeStaticString("data: [DONE]\n\n")
    }

    // MARK: Choices

    private mutating func add(_ choice: JSONTree) {
        let index = choice["index"] ?? .number(0)
        let hasProbabilities = choice["logprobs"] != nil
        func part(_ content: JSONTree.Member, logprobs: JSONTree = .null, finish: JSONTree = .null) -> JSONTree {
            var members = [JSONTree.Member("index", index), content]
            if hasProbabilities { members.append(JSONTree.Member("logprobs", logprobs)) }
            members.append(JSONTree.Member("finish_reason", finish))
            return .object(members)
        }
        guard let message = choice["message"] else {
            let pieces = TextPieces.of(choice["text"]?.text ?? [])
            var logprobs = choice["logprobs"] ?? .null
            for piece in pieces {
                chunk([part(JSONTree.Member("text", .string(Array(piece))), logprobs: logprobs)])
                logprobs = .null
            }
            return finish(choice, JSONTree.Member("text", .string([])), part, logprobs: logprobs)
        }
        var probabilities = ProbabilityShares(choice["logprobs"] ?? .null)
        let content = message["content"]?.text.map { probabilities.shares("content", of: $0) } ?? []
        let refusal = message["refusal"]?.text.map { probabilities.shares("refusal", of: $0) } ?? []
        chunk([
            part(
                delta([.init("role", message["role"] ?? .text("assistant"))] + opening(message)),
                logprobs: probabilities.rest
            )
        ])
        for name in Self.reasoning {
            guard let text = message[name]?.text else { continue }
            for piece in TextPieces.of(text) { chunk([part(delta([.init(name, .string(Array(piece)))]))]) }
        }
        for share in content {
            chunk([part(delta([.init("content", .string(share.text))]), logprobs: share.logprobs)])
        }
        for share in refusal {
            chunk([part(delta([.init("refusal", .string(share.text))]), logprobs: share.logprobs)])
        }
        for (position, call) in (message["tool_calls"]?.elements ?? []).enumerated() {
            let number = JSONTree.Member("index", .number(position))
            for piece in Self.pieces(ofCall: call) {
                let element = JSONTree.object([number] + piece.members.filter { !$0.isNamed("index") })
                chunk([part(delta([.init("tool_calls", .array([element]))]))])
            }
        }
        if let call = message["function_call"], !call.isNull {
            for piece in Self.pieces(ofFunction: call) { chunk([part(delta([.init("function_call", piece)]))]) }
        }
        finish(choice, delta([]), part, logprobs: .null)
    }

    private func delta(_ members: [JSONTree.Member]) -> JSONTree.Member { .init("delta", .object(members)) }

    private mutating func finish(
        _ choice: JSONTree,
        _ content: JSONTree.Member,
        _ part: (JSONTree.Member, JSONTree, JSONTree) -> JSONTree,
        logprobs: JSONTree
    ) {
        var last = part(content, logprobs, choice["finish_reason"] ?? .null)
        for member in choice.members where !Self.placed.contains(where: { member.isNamed($0) }) {
            last.set(member.name, member.value)
        }
        chunk([last])
    }

    /// Members of a choice that have their place in the chunks.
    private static let placed: [StaticString] = ["index", "message", "text", "logprobs", "finish_reason"]
    /// Texts that come before the answer proper.
    private static let reasoning: [StaticString] = ["reasoning_content", "reasoning"]

    /// What comes with the role: empty texts whose pieces follow, and whatever has no pieces.
    private func opening(_ message: JSONTree) -> [JSONTree.Member] {
        message.members.compactMap { member in
            if member.isNamed("role") { return nil }
            if member.isNamed("tool_calls") || member.isNamed("function_call") {
                // An empty list and null are said here, since no piece will.
                return member.value.elements.isEmpty && member.value.members.isEmpty ? member : nil
            }
            let isCut =
                member.isNamed("content") || member.isNamed("refusal") || Self.reasoning.contains { member.isNamed($0) }
            guard isCut, member.value.text != nil else { return member }
            return JSONTree.Member(name: member.name, value: .string([]))
        }
    }

    // MARK: Tool calls

    private static func pieces(ofCall call: JSONTree) -> [JSONTree] {
        guard let function = call["function"], function["arguments"]?.text != nil else { return [call] }
        return pieces(ofFunction: function).enumerated().map { position, piece in
            guard position == 0 else { return .object([.init("function", piece)]) }
            var first = call
            first.set("function", piece)
            return first
        }
    }

    /// The name with empty arguments, and then the arguments' pieces.
    private static func pieces(ofFunction function: JSONTree) -> [JSONTree] {
        guard let arguments = function["arguments"]?.text else { return [function] }
        var first = function
        first.set("arguments", .string([]))
        return [first] + TextPieces.of(arguments).map { .object([.init("arguments", .string(Array($0)))]) }
    }
}
