import JSON
import NIOCore

/// A content block of a message that is assembled from its deltas. The cost of adding a delta is proportional to the
/// size of the delta.
struct GrowingBlock {
    private let members: [JSONTree.Member]
    private let type: [UInt8]
    /// The source of the texts that were added to `text` or `thinking`.
    private var added: [UInt8] = []
    /// The source of the pieces of the JSON text of `input`.
    private var input: [UInt8] = []
    private var citations: [JSONTree] = []
    /// The members that replace those of the same name.
    private var replaced = GrowingObject()

    /// - Parameter start: the block as its first event has it.
    init(_ start: JSONTree) {
        members = start.members
        type = start["type"]?.text ?? []
    }

    /// Adds a delta. Returns false where the delta cannot be added to this block.
    mutating func add(_ delta: JSONTree) -> Bool {
        guard let kind = delta["type"]?.text else { return false }
        func isKind(_ name: StaticString) -> Bool { name.withUTF8Buffer(kind.elementsEqual) }
        if isKind("text_delta"), isOf("text"), let piece = delta["text"]?.text {
            added += piece
        } else if isKind("input_json_delta"), Self.isToolUse(type), let piece = delta["partial_json"]?.text {
            input += piece
        } else if isKind("thinking_delta"), isOf("thinking"), let piece = delta["thinking"]?.text {
            added += piece
        } else if isKind("signature_delta"), isOf("thinking"), let signature = delta["signature"] {
            replaced.set("signature", signature)
        } else if isKind("citations_delta"), isOf("text"), let citation = delta["citation"] {
            citations.append(citation)
        } else if isKind("compaction_delta"), isOf("compaction") {
            for member in delta.members where !member.isNamed("type") {
                replaced.update(member.name) { $0 = .tree(member.value) }
            }
        } else {
            return false
        }
        return true
    }

    /// Whether blocks of a type have an input that arrives as pieces of a JSON text.
    static func isToolUse(_ type: [UInt8]) -> Bool {
        toolUses.contains { $0.withUTF8Buffer(type.elementsEqual) }
    }

    private static let toolUses: [StaticString] = ["tool_use", "server_tool_use"]

    private func isOf(_ name: StaticString) -> Bool { name.withUTF8Buffer(type.elementsEqual) }

    /// The whole block. It is nil where its pieces do not make up a block, as where the text of the input is cut off.
    ///
    /// - Parameter document: scratch space.
    func tree(with document: JSONDocument) -> JSONTree? {
        var result = members
        func place(_ name: StaticString) -> Int? { result.firstIndex { $0.isNamed(name) } }
        if !added.isEmpty {
            guard let place = place(isOf("text") ? "text" : "thinking"), let begun = result[place].value.text else {
                return nil
            }
            result[place].value = .string(begun + added)
        }
        if !citations.isEmpty {
            let place = place("citations") ?? result.endIndex
            if place == result.endIndex { result.append(JSONTree.Member("citations", .null)) }
            result[place].value = .array(result[place].value.elements + citations)
        }
        if !input.isEmpty {
            guard let place = place("input"), let json = JSONTree(verbatim: input, with: document) else { return nil }
            result[place].value = json
        }
        for member in replaced.members {
            if let place = result.firstIndex(where: { $0.name == member.name }) {
                result[place] = member
            } else {
                result.append(member)
            }
        }
        return .object(result)
    }
}

extension JSONTree {
    /// The object whose JSON text a string contains. It is written as that text, unchanged. It is nil where the text is
    /// not an object.
    ///
    /// - Parameter source: the source of the string, without its quotes.
    fileprivate init?(verbatim source: [UInt8], with document: JSONDocument) {
        defer { document.reset() }
        let text = source.withUnsafeBufferPointer { source in
            source.baseAddress.map {
                JSONText(bytes: $0, count: source.count, escaped: source.contains(UInt8(ascii: "\\"))).decoded
            }
        }
        guard let text,
            (try? document.parse(ByteBuffer(bytes: text), forKey: false, nodeLimit: JSONDocument.answerNodes)) != nil,
            let root = document.root, document.kind(of: root) == .object
        else { return nil }
        self = .scalar(text)
    }
}
