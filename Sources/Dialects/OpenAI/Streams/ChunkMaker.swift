import JSON
import NIOCore

/// Converts an answer in one piece to the stream that a request with `stream` would have received. For each choice, in
/// the order of their indexes, the stream has the role, the texts in pieces, the tool calls and the finish reason. The
/// usage follows where it was requested, and then `[DONE]`.
///
/// `AnswerAssembler` assembles the stream into the same answer again.
///
/// Every chunk repeats some members of the answer. An answer that was crafted with long values in these members and
/// with many pieces would make a stream too long for any memory, so the length of the stream is limited in proportion
/// to the answer.
struct ChunkMaker {
    /// The members of the answer as a whole: `opening` has those of the first chunk, and `repeated` has those that
    /// every later chunk repeats.
    private let opening: ByteBuffer
    private let repeated: ByteBuffer
    /// The value of `usage`. It is nil where the stream does not report the usage.
    private let usage: JSONTree?
    private var out = ByteBuffer()
    private var isFirst = true
    /// The largest allowed length of the stream, in bytes.
    private let limit: Int

    /// The number of bytes that a stream may have for each byte of the answer, and in addition to that. A usual stream
    /// has eight bytes for each.
    private static let growth = 32
    private static let allowance = 64 << 10

    /// Returns the stream. The result is nil where the answer has no choices, and where the stream would be too long.
    ///
    /// - Parameter length: the length of the answer as JSON, in bytes.
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

    /// Sorts choices by their indexes, as the openai package requires. Where the indexes are not all present and
    /// distinct, the choices are numbered by their positions.
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

    /// The members of the answer that every chunk has.
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
        // The last part has the members that belong to no piece. If they were sent with the role, the openai package
        // would count them twice.
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

    /// The members of a choice that have their own place in the chunks.
    private static let placed: [StaticString] = ["index", "message", "text", "delta", "logprobs", "finish_reason"]
    /// The texts that precede the answer itself.
    private static let reasoning: [StaticString] = ["reasoning_content", "reasoning"]

    /// Returns the members that are sent with the role: empty texts whose pieces follow, and all members that are not
    /// split.
    private func opening(_ message: JSONTree) -> [JSONTree.Member] {
        message.members.compactMap { member in
            if member.isNamed("role") { return nil }
            if member.isNamed("tool_calls") || member.isNamed("function_call") {
                // An empty list or null is sent here, because no piece will contain it.
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

    /// Returns the name with empty arguments, followed by the pieces of the arguments.
    private static func pieces(ofFunction function: JSONTree) -> [JSONTree] {
        guard let arguments = function["arguments"]?.text else { return [function] }
        var first = function
        first.set("arguments", .string([]))
        return [first] + TextPieces.of(arguments).map { .object([.init("arguments", .string(Array($0)))]) }
    }
}
