import JSON

/// An answer with status 200 may still say that the model failed. Such an answer is passed on and not stored.
extension JSONDocument {
    /// Whether an element of `choices` is a choice: it has a message or a text, has no error, and was not ended by an
    /// error.
    func isChoice(_ node: JSONNode) -> Bool {
        let traits = traits(ofChoice: node)
        return traits.hasContent && !traits.hasFailed
    }

    /// Whether an element of a chunk's `choices` is a part of a choice: it has at least one member, and it is not an
    /// error. Azure reports the findings of its filters in parts that have no `delta`.
    func isPartOfChoice(_ node: JSONNode) -> Bool {
        let traits = traits(ofChoice: node)
        return traits.hasMembers && !traits.hasFailed
    }

    /// Whether an element of `data` is an embedding: numbers, or their bytes in base64, that are not empty. It has no
    /// error.
    func isEmbedding(_ node: JSONNode) -> Bool {
        var hasVector = false
        var hasFailed = false
        forEachMember(of: node) { name, member in
            if name.equals("embedding") { hasVector = isVector(member.value) }
            if name.equals("error"), kind(of: member.value) != .null { hasFailed = true }
        }
        return hasVector && !hasFailed
    }

    func isVector(_ node: JSONNode) -> Bool {
        switch kind(of: node) {
        case .string: return !text(of: node, equals: "")
        case .array:
            var elements = elements(of: node)
            return elements.next() != nil
        default: return false
        }
    }

    /// Whether an object has a member `error` that is not null.
    func tellsError(_ node: JSONNode) -> Bool {
        var found = false
        forEachMember(of: node) { name, member in
            if name.equals("error"), kind(of: member.value) != .null { found = true }
        }
        return found
    }

    private struct ChoiceTraits {
        var hasMembers = false
        var hasContent = false
        var hasFailed = false
    }

    private func traits(ofChoice node: JSONNode) -> ChoiceTraits {
        var traits = ChoiceTraits()
        forEachMember(of: node) { name, member in
            traits.hasMembers = true
            if name.equals("message") || name.equals("text") {
                if kind(of: member.value) != .null { traits.hasContent = true }
            } else if name.equals("error") {
                if kind(of: member.value) != .null { traits.hasFailed = true }
            } else if name.equals("finish_reason") {
                if text(of: member.value, equals: "error") { traits.hasFailed = true }
            }
        }
        return traits
    }
}
