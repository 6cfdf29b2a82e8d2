import NIOCore

/// Puts the chunks of a streamed answer together: the JSON that the same request would have got without `stream`.
///
/// Texts are joined, tool calls by their index with their arguments' pieces joined, lists of log probabilities appended,
/// several choices told apart. Members that nobody knows are kept: texts are joined, lists appended, and of anything else
/// the last one counts. It takes time in proportion to the length of the chunks, whatever they hold. Add chunks in their order.
struct AnswerAssembler {
    private let answer = GrowingObject()
    private var choices: [(index: Int, choice: GrowingObject)] = []
    /// Where in `choices` the choice of each index stands.
    private var places: [Int: Int] = [:]
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
        let sorted = choices.sorted { $0.index < $1.index }.map { entry in
            JSONTree.object(
                entry.choice.members.map { member in
                    guard member.isNamed("message") else { return member }
                    return JSONTree.Member("message", Self.completed(member.value))
                }
            )
        }
        // Where OpenAI has them: behind `model`, before `usage`.
        var members = answer.members.filter { !$0.isNamed("choices") }
        let place = members.firstIndex { $0.isNamed("model") }.map { $0 + 1 } ?? members.count
        members.insert(JSONTree.Member("choices", .array(sorted)), at: place)
        var buffer = ByteBuffer()
        JSONTree.object(members).write(to: &buffer)
        return buffer
    }

    private static func completed(_ message: JSONTree) -> JSONTree {
        guard case .object(var members) = message else { return message }
        for index in members.indices { members[index].value = withoutIndexes(members[index].value) }
        // Required of a message, though null, and not said in a stream of tool calls alone.
        if !members.contains(where: { $0.isNamed("content") }) { members.append(JSONTree.Member("content", .null)) }
        return .object(members)
    }

    private static let identifying: [StaticString] = ["id", "created", "model"]

    /// A member of the answer as a whole.
    private func keep(_ member: JSONTree.Member, firstCounts: Bool) {
        answer.update(member.name) { present in
            if let said = present?.tree {
                let isSaid = !said.isNull && said != .string([]) && said != .scalar([0x30])
                if firstCounts && isSaid || member.value.isNull { return }
            }
            present = .tree(member.value)
        }
    }

    private mutating func add(choice part: JSONTree) {
        let index = part["index"]?.int ?? 0
        let choice: GrowingObject
        if let place = places[index] {
            choice = choices[place].choice
        } else {
            choice = GrowingObject([JSONTree.Member("index", .number(index))])
            if part["delta"] != nil { choice.set("message", .object([])) }
            places[index] = choices.count
            choices.append((index, choice))
        }
        for member in part.members where !member.isNamed("index") {
            let name = member.isNamed("delta") ? Array("message".utf8) : member.name
            choice.update(name) { GrowingValue.add(member.value, to: &$0, name: name) }
        }
    }

    /// An answer in one piece has no indexes in its lists: elements stand in their order.
    private static func withoutIndexes(_ value: JSONTree) -> JSONTree {
        switch value {
        case .array(let elements): return .array(inOrder(elements).map(withoutIndex))
        case .object(let members):
            return .object(members.map { JSONTree.Member(name: $0.name, value: withoutIndexes($0.value)) })
        default: return value
        }
    }

    private static func withoutIndex(_ element: JSONTree) -> JSONTree {
        guard case .object(let members) = element else { return element }
        return withoutIndexes(.object(members.filter { !$0.isNamed("index") }))
    }

    /// By their indexes; those that have none, and those of one index, as they stand.
    private static func inOrder(_ elements: [JSONTree]) -> [JSONTree] {
        var places: [(index: Int, offset: Int)] = []
        for (offset, element) in elements.enumerated() { places.append((element["index"]?.int ?? .max, offset)) }
        places.sort { one, other in one.index == other.index ? one.offset < other.offset : one.index < other.index }
        return places.map { elements[$0.offset] }
    }
}
