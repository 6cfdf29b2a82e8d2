import JSON
import NIOCore

/// Assembles the chunks of a streamed answer into the JSON that the same request would have received without `stream`.
///
/// Choices are kept apart by their indexes. Texts are joined. Tool calls with the same index are merged, and the pieces
/// of their names and arguments are joined. Lists of log probabilities are concatenated. Unknown members are kept:
/// within a message, texts are joined, lists are concatenated, and the last of any other values counts. In a choice or
/// the answer as a whole, the last value counts. The time is proportional to the length of the chunks, whatever they
/// contain. Chunks must be added in their order.
struct AnswerAssembler {
    private let answer = GrowingObject()
    private var choices: [(index: Int, choice: GrowingObject)] = []
    /// Where in `choices` the choice of each index stands.
    private var places: [Int: Int] = [:]

    /// - Parameter chunk: the data of an event.
    mutating func add(_ chunk: JSONTree) {
        for member in chunk.members {
            switch member.value {
            case .array(let parts) where member.isNamed("choices"): for part in parts { add(choice: part) }
            case _ where member.isNamed("object") && member.value == .text("chat.completion.chunk"):
                keep(JSONTree.Member("object", .text("chat.completion")), firstCounts: true)
            // OpenAI pads its chunks with this member.
            case _ where member.isNamed("obfuscation"): break
            default: keep(member, firstCounts: Self.identifying.contains { member.isNamed($0) })
            }
        }
    }

    /// The whole answer. It is nil where there were no choices.
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
        // OpenAI places the choices after `model` and before `usage`.
        var members = answer.members.filter { !$0.isNamed("choices") }
        let place = members.firstIndex { $0.isNamed("model") }.map { $0 + 1 } ?? members.count
        members.insert(JSONTree.Member("choices", .array(sorted)), at: place)
        var writer = JSONWriter()
        writer.value(.object(members))
        return writer.buffer
    }

    private static func completed(_ message: JSONTree) -> JSONTree {
        guard case .object(var members) = message else { return message }
        for index in members.indices where members[index].isNamed("tool_calls") {
            members[index].value = withoutIndexes(members[index].value)
        }
        // Required of a message, though null, and not said in a stream of tool calls alone.
        if !members.contains(where: { $0.isNamed("content") }) { members.append(JSONTree.Member("content", .null)) }
        return .object(members)
    }

    /// The members that identify the answer. They are empty in the chunks of Azure's filters, which precede and follow
    /// the answer.
    private static let identifying: [StaticString] = ["id", "object", "created", "model"]

    /// Keeps a member of the answer as a whole.
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
            let isPiece = Self.inPieces.contains { member.isNamed($0) }
            choice.update(name) {
                GrowingValue.add(member.value, to: &$0, named: name, in: isPiece ? .message : .choice)
            }
        }
    }

    /// The members of a choice that arrive in pieces. Other members, such as the findings of Azure's filters, arrive as
    /// complete values that replace earlier ones.
    private static let inPieces: [StaticString] = ["delta", "message", "text", "logprobs"]

    /// Returns the tool calls in their order and without indexes, because an answer in one piece has none.
    private static func withoutIndexes(_ calls: JSONTree) -> JSONTree {
        guard case .array(let elements) = calls else { return calls }
        return .array(
            inOrder(elements).map { element in
                guard case .object(let members) = element else { return element }
                return .object(members.filter { !$0.isNamed("index") })
            }
        )
    }

    /// Sorts elements by their indexes. Elements without an index come last, and elements with the same index keep
    /// their order.
    private static func inOrder(_ elements: [JSONTree]) -> [JSONTree] {
        var places: [(index: Int, offset: Int)] = []
        for (offset, element) in elements.enumerated() { places.append((element["index"]?.int ?? .max, offset)) }
        places.sort { one, other in one.index == other.index ? one.offset < other.offset : one.index < other.index }
        return places.map { elements[$0.offset] }
    }
}
