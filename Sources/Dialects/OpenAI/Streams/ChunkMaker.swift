import JSON
import NIOCore

/// Makes the stream that a request with `stream` would have got out of an answer in one piece: for each choice its role, its
/// texts in pieces, its tool calls and its reason to finish, by their indexes; then the usage where it is asked for, and `[DONE]`.
///
/// What is put together of it by `AnswerAssembler` is the answer again.
///
/// Every chunk repeats some members of the answer. Of an answer that was made to be long in these and to have many pieces the
/// stream would be longer than any memory, so that it is bounded in proportion to the answer.
struct ChunkMaker {
    /// What the first chunk says of the answer as a whole, and what each chunk behind it repeats: members.
    private let opening: ByteBuffer
    private let repeated: ByteBuffer
    /// The value of `usage`; nil: it is not told.
    private let usage: JSONTree?
    private var out = ByteBuffer()
    private var isFirst = true
    /// The longest stream, in bytes.
    private let limit: Int

    /// Bytes that a stream may have for each byte of the answer, and beside them. A usual one has eight.
    private static let growth = 32
    private static let allowance = 64 << 10

    /// The stream; nil: the answer is none that has choices, or its stream would be too long.
    ///
    /// - Parameter length: bytes that the answer has as JSON.
    static func events(of answer: JSONTree, length: Int, includesUsage: Bool) -> ByteBuffer? {
        guard let choices = answer["choices"]?.elements, !choices.isEmpty else { return nil }
        let isChat = choices.contains { $0["message"] != nil }
        var maker = ChunkMaker(answer, length, includesUsage, isChat: isChat)
        for (index, choice) in inOrder(choices) {
            guard maker.out.readableBytes <= maker.limit else { return nil }
            maker.add(choice, index)
        }
        maker.end()
        return maker.out.readableBytes <= maker.limit ? maker.out : nil
    }

    /// By their indexes, as the openai package needs them; by their places, where not each has an index of its own.
    private static func inOrder(_ choices: [JSONTree]) -> [(index: Int, choice: JSONTree)] {
        let indexes = choices.compactMap { $0["index"]?.int }
        guard Set(indexes).count == choices.count else { return choices.enumerated().map { ($0.offset, $0.element) } }
        return zip(indexes, choices).map { ($0, $1) }.sorted { $0.index < $1.index }
    }

    private init(_ answer: JSONTree, _ length: Int, _ includesUsage: Bool, isChat: Bool) {
        usage = includesUsage ? answer["usage"] : nil
        limit = min(length, 1 << 40) * Self.growth + Self.allowance
        var opening = JSONWriter()
        var repeated = JSONWriter()
        for member in answer.members where !member.isNamed("choices") && !member.isNamed("usage") {
            let isRenamed = isChat && member.isNamed("object")
            let member = isRenamed ? JSONTree.Member("object", .text("chat.completion.chunk")) : member
            opening.member(member)
            if Self.repeatedNames.contains(where: { member.isNamed($0) }) { repeated.member(member) }
        }
        self.opening = opening.buffer
        self.repeated = repeated.buffer
    }

    // MARK: Chunks

    /// Members of the answer that every chunk has.
    private static let repeatedNames: [StaticString] = [
        "id", "object", "created", "model", "system_fingerprint", "service_tier",
    ]

    private mutating func chunk(_ choices: [JSONTree], usage: JSONTree = .null) {
        guard out.readableBytes <= limit else { return }
        let common = isFirst ? opening : repeated
        let tellsUsage = self.usage != nil
        isFirst = false
        out.writeStaticString("data: ")
        out.writeJSON { json in
            json.object { chunk in
                chunk.members(common)
                chunk.member("choices") { $0.value(.array(choices)) }
                if tellsUsage { chunk.member("usage") { $0.value(usage) } }
            }
        }
        out.writeStaticString("\n\n")
    }

    private mutating func end() {
        if let usage, !usage.isNull { chunk([], usage: usage) }
        out.writeStaticString("data: [DONE]\n\n")
    }

    // MARK: Choices

    private mutating func add(_ choice: JSONTree, _ number: Int) {
        let index = JSONTree.number(number)
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
        chunk([part(delta([.init("role", message["role"] ?? .text("assistant"))] + opening(message)))])
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
        // What belongs to no piece. With the role, the openai package would count it twice.
        finish(choice, delta([]), part, logprobs: probabilities.rest)
    }

    private func delta(_ members: [JSONTree.Member]) -> JSONTree.Member { .init("delta", .object(members)) }

    private mutating func finish(
        _ choice: JSONTree,
        _ content: JSONTree.Member,
        _ part: (JSONTree.Member, JSONTree, JSONTree) -> JSONTree,
        logprobs: JSONTree
    ) {
        let last = part(content, logprobs, choice["finish_reason"] ?? .null)
        let others = choice.members.filter { member in !Self.placed.contains { member.isNamed($0) } }
        chunk([.object(last.members + others)])
    }

    /// Members of a choice that have their place in the chunks.
    private static let placed: [StaticString] = ["index", "message", "text", "delta", "logprobs", "finish_reason"]
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
