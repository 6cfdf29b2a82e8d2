import NIOCore

/// Puts the chunks of a streamed answer together: the JSON that the same request would have got without `stream`.
///
/// Texts are joined, tool calls by their index with their arguments' pieces joined, lists of log probabilities appended,
/// several choices told apart. Members that nobody knows are kept: texts are joined, lists appended, and of anything else
/// the last one counts. A value; add chunks in their order.
struct AnswerAssembler {
    private var answer = JSONTree.object([])
    private var choices: [(index: Int, choice: JSONTree)] = []
    private var isChat = true

    /// - Parameter chunk: the data of an event.
    mutating func add(_ chunk: JSONTree) {
        for member in chunk.members {
            switch member.value {
            case .array(let parts) where member.isNamed("choices"): for part in parts { add(choice: part) }
            case _ where member.isNamed("object"):
                isChat = member.value == .text("chat.completion.chunk")
                answer.set("object", isChat ? .text("chat.completion") : member.value)
            // What OpenAI pads its chunks with.
            case _ where member.isNamed("obfuscation"): break
            default: keep(member, firstCounts: Self.identifying.contains { member.isNamed($0) })
            }
        }
    }

    /// The whole answer; nil: there were no choices.
    var result: ByteBuffer? {
        guard !choices.isEmpty else { return nil }
        var whole = answer
        let sorted = choices.sorted { $0.index < $1.index }.map { entry in
            var choice = entry.choice
            if let message = choice["message"] { choice.set("message", Self.completed(message)) }
            return choice
        }
        // Where OpenAI has them: behind `model`, before `usage`.
        if case .object(var members) = whole {
            members.removeAll { $0.isNamed("choices") }
            let place = members.firstIndex { $0.isNamed("model") }.map { $0 + 1 } ?? members.count
            members.insert(JSONTree.Member("choices", .array(sorted)), at: place)
            whole = .object(members)
        }
        var buffer = ByteBuffer()
        whole.write(to: &buffer)
        return buffer
    }

    private static func completed(_ message: JSONTree) -> JSONTree {
        var message = message
        for member in message.members { message.set(member.name, withoutIndexes(member.value)) }
        // Required of a message, though null, and not said in a stream of tool calls alone.
        if message["content"] == nil { message.set("content", .null) }
        return message
    }

    private static let identifying: [StaticString] = ["id", "created", "model"]

    /// A member of the answer as a whole.
    private mutating func keep(_ member: JSONTree.Member, firstCounts: Bool) {
        let present = answer.members.first { $0.name == member.name }?.value
        let isSaid = present.map { !$0.isNull && $0 != .string([]) && $0 != .scalar([0x30]) } ?? false
        if firstCounts, isSaid { return }
        if member.value.isNull, present != nil { return }
        answer.set(member.name, member.value)
    }

    // MARK: Choices

    private mutating func add(choice part: JSONTree) {
        let index = part["index"]?.int ?? 0
        if !choices.contains(where: { $0.index == index }) {
            var empty = JSONTree.object([JSONTree.Member("index", .number(index))])
            if part["delta"] != nil { empty.set("message", .object([])) }
            choices.append((index, empty))
        }
        guard let position = choices.firstIndex(where: { $0.index == index }) else { return }
        for member in part.members where !member.isNamed("index") {
            let name = member.isNamed("delta") ? Array("message".utf8) : member.name
            choices[position].choice.update(name) { Self.merge(member.value, into: &$0, name: name) }
        }
    }

    /// Members that are said once, though some servers say them in every chunk.
    private static let saidOnce: [StaticString] = ["role", "id", "type", "name", "finish_reason", "object"]

    /// What is there already grows in place: an answer of a hundred thousand chunks is not copied for each.
    private static func merge(_ more: JSONTree, into present: inout JSONTree?, name: [UInt8] = []) {
        switch more {
        case .null: present = present ?? .null
        case .scalar: present = more
        case .string(let piece):
            guard case .string(var text)? = present else { return present = more }
            if !text.isEmpty, saidOnce.contains(where: { $0.withUTF8Buffer(name.elementsEqual) }) { return }
            present = nil
            text += piece
            present = .string(text)
        case .array(let parts):
            guard case .array(var list)? = present else { return present = more }
            present = nil
            for part in parts { merge(part, into: &list) }
            present = .array(list)
        case .object(let members):
            guard case .object? = present else { return present = more }
            for member in members {
                present?.update(member.name) { merge(member.value, into: &$0, name: member.name) }
            }
        }
    }

    /// Elements with an `index` are parts of the element with that index; others come behind the list. An `id` of its own
    /// makes an element another one, for servers that give every tool call the same index.
    private static func merge(_ part: JSONTree, into list: inout [JSONTree]) {
        let place = part["index"]?.int.flatMap { index in list.lastIndex { $0["index"]?.int == index } }
        guard let place, isPiece(part, of: list[place]) else { return list.append(part) }
        var element: JSONTree? = list[place]
        list[place] = .null
        merge(part, into: &element)
        list[place] = element ?? .null
    }

    private static func isPiece(_ part: JSONTree, of element: JSONTree) -> Bool {
        guard let id = part["id"]?.text, !id.isEmpty, let present = element["id"]?.text, !present.isEmpty else {
            return true
        }
        return id == present
    }

    /// An answer in one piece has no indexes in its lists: elements stand in their order.
    private static func withoutIndexes(_ value: JSONTree) -> JSONTree {
        switch value {
        case .array(let elements):
            .array(
                elements.enumerated().sorted { left, right in
                    let (one, other) = (left.element["index"]?.int ?? .max, right.element["index"]?.int ?? .max)
                    return one == other ? left.offset < right.offset : one < other
                }
                .map { element in
                    withoutIndexes(
                        .object(element.element.members.filter { !$0.isNamed("index") }),
                        or: element.element
                    )
                }
            )
        case .object(let members): .object(members.map { .init(name: $0.name, value: withoutIndexes($0.value)) })
        default: value
        }
    }

    private static func withoutIndexes(_ object: JSONTree, or element: JSONTree) -> JSONTree {
        if case .object = element { withoutIndexes(object) } else { element }
    }
}
