import JSON

/// A JSON value that is assembled piece by piece. The cost of adding a piece is proportional to the size of the piece,
/// however large the value is already, because members and numbered elements are found in tables and texts grow in
/// place.
enum GrowingValue {
    case text([UInt8])
    case list(GrowingList)
    case object(GrowingObject)
    /// A value to which nothing has been added yet.
    case tree(JSONTree)

    /// The place of a value in the answer. It determines how a further piece of the value is added.
    enum Scope {
        /// Within the message, where texts are pieces of one text.
        case message
        /// Within a function call. It is like a message, except that the name also arrives in pieces.
        case function
        /// Outside the message, among the other members of a choice, where each value replaces the one before it.
        case choice
    }

    /// The value in its present state.
    var tree: JSONTree {
        switch self {
        case .text(let text): .string(text)
        case .list(let list): .array(list.elements.map(\.tree))
        case .object(let object): .object(object.members)
        case .tree(let tree): tree
        }
    }

    /// The present text. It is nil where the value is not a text.
    var text: [UInt8]? {
        switch self {
        case .text(let text), .tree(.string(let text)): text
        case .list, .object, .tree: nil
        }
    }

    /// A member of the value. It is nil where the value is not an object or has no such member.
    subscript(name: StaticString) -> GrowingValue? {
        switch self {
        case .tree(let tree): tree[name].map { .tree($0) }
        case .object(let object): object[name]
        case .text, .list: nil
        }
    }

    // MARK: Adding

    /// Members that have one value, although some servers repeat it in every chunk.
    private static let saidOnce: [StaticString] = ["role", "id", "type", "name", "object", "format"]
    /// Members that hold a function call.
    private static let functions: [StaticString] = ["function", "custom", "function_call"]

    /// Adds a piece. Texts are joined, lists are concatenated, and the last of any other values counts. A null changes
    /// nothing.
    ///
    /// Adding a text to a list, or a list to a text, makes a list that contains both, because reasoning models send
    /// their reasoning as a list and the answer as texts.
    ///
    /// - Parameters:
    ///   - present: the value so far. It is nil where there is none yet.
    ///   - name: the name of the member whose value it is.
    static func add(_ more: JSONTree, to present: inout GrowingValue?, named name: [UInt8] = [], in scope: Scope) {
        switch more {
        case .null: present = present ?? .tree(.null)
        case .scalar: present = .tree(more)
        case .string(let piece): add(piece, to: &present, named: name, in: scope)
        case .array(let parts):
            guard let list = list(&present, forMoreNamed: name, in: scope) else {
                return present = .tree(more)
            }
            for part in parts { list.add(part, in: scope) }
        case .object(let members):
            guard let object = object(&present) else { return present = .tree(more) }
            let inner: Scope =
                switch scope {
                case .choice: .choice
                case .message, .function: isNamed(name, oneOf: functions) ? .function : .message
                }
            for member in members {
                object.update(member.name) { add(member.value, to: &$0, named: member.name, in: inner) }
            }
        }
    }

    private static func add(_ piece: [UInt8], to present: inout GrowingValue?, named name: [UInt8], in scope: Scope) {
        guard !isNothing(present) else { return present = .text(piece) }
        if piece.isEmpty { return }
        if scope == .choice { return present = .text(piece) }
        if let list = list(&present) { return list.add(piece, asPart: isNamed(name, oneOf: ["content"])) }
        guard var text = taken(&present) else { return present = .text(piece) }
        let isSaidOnce =
            isNamed(name, oneOf: saidOnce) && !(scope == .function && isNamed(name, oneOf: ["name"]))
        if text.isEmpty || !isSaidOnce { text += piece }
        present = .text(text)
    }

    private static func isNothing(_ present: GrowingValue?) -> Bool {
        switch present {
        case nil, .tree(.null)?: true
        default: false
        }
    }

    private static func isNamed(_ name: [UInt8], oneOf names: [StaticString]) -> Bool {
        names.contains { $0.withUTF8Buffer(name.elementsEqual) }
    }

    /// Takes the text out, so that it can grow without being copied. Where the value is not a text, the result is nil
    /// and the value is unchanged.
    private static func taken(_ present: inout GrowingValue?) -> [UInt8]? {
        switch present {
        case .text(let text)?, .tree(.string(let text))?:
            present = nil
            return text
        default: return nil
        }
    }

    private static func list(_ present: inout GrowingValue?) -> GrowingList? {
        switch present {
        case .list(let list)?: return list
        case .tree(.array(let elements))?:
            let list = GrowingList(elements)
            present = .list(list)
            return list
        default: return nil
        }
    }

    /// Returns the list to which further elements are added. The result is nil where these elements are the whole list
    /// so far.
    private static func list(
        _ present: inout GrowingValue?,
        forMoreNamed name: [UInt8],
        in scope: Scope
    ) -> GrowingList? {
        if let list = list(&present) { return list }
        let list = GrowingList()
        if scope != .choice, let text = present?.text, !text.isEmpty {
            list.add(text, asPart: isNamed(name, oneOf: ["content"]))
        } else if scope == .choice || !isNamed(name, oneOf: ["tool_calls"]) {
            // The first elements of a list are complete. Only tool calls may arrive as several pieces at once.
            return nil
        }
        present = .list(list)
        return list
    }

    private static func object(_ present: inout GrowingValue?) -> GrowingObject? {
        switch present {
        case .object(let object)?: return object
        case .tree(.object(let members))?:
            let object = GrowingObject(members)
            present = .object(object)
            return object
        default: return nil
        }
    }
}
