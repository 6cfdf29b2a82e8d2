import JSON

/// A JSON value that is put together piece by piece. A piece costs what it holds, however much there is already: members and
/// numbered elements are found by tables, and texts grow in place.
enum GrowingValue {
    case text([UInt8])
    case list(GrowingList)
    case object(GrowingObject)
    /// A value that nothing was added to yet.
    case tree(JSONTree)

    /// Where a value stands, which decides what another one of it means.
    enum Scope {
        /// In the message: texts are pieces of one.
        case message
        /// In a function that is called: as in a message, and its name comes in pieces too.
        case function
        /// Beside the message: what a choice says of itself, each time anew.
        case choice
    }

    /// As it stands.
    var tree: JSONTree {
        switch self {
        case .text(let text): .string(text)
        case .list(let list): .array(list.elements.map(\.tree))
        case .object(let object): .object(object.members)
        case .tree(let tree): tree
        }
    }

    /// The text that it is, as it stands.
    var text: [UInt8]? {
        switch self {
        case .text(let text), .tree(.string(let text)): text
        case .list, .object, .tree: nil
        }
    }

    /// A member of the object that it is.
    subscript(name: StaticString) -> GrowingValue? {
        switch self {
        case .tree(let tree): tree[name].map { .tree($0) }
        case .object(let object): object[name]
        case .text, .list: nil
        }
    }

    // MARK: Adding

    /// Members that are said once, though some servers say them in every chunk.
    private static let saidOnce: [StaticString] = ["role", "id", "type", "name", "object", "format"]
    /// Members that are functions which are called.
    private static let functions: [StaticString] = ["function", "custom", "function_call"]

    /// Adds a piece: texts are joined, lists appended, and of anything else the last one counts; null changes nothing.
    ///
    /// A list to which a text is added, or a text to which a list is, becomes a list that has both: models that think send
    /// their thoughts as a list and the answer as texts.
    ///
    /// - Parameters:
    ///   - present: what there is; nil: nothing yet.
    ///   - name: the member that it is the value of.
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

    /// The text, which is taken out so that it can grow without being copied; nil: it is none, and stays.
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

    /// The list that more elements are added to; nil: they are the whole list so far.
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
            // What opens a list is whole elements of it. Only of a call several pieces may come at once.
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
