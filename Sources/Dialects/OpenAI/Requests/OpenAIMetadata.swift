import JSON

/// OpenAI's rules for `metadata`. Clients of LiteLLM send labels for LiteLLM under that name, such as `{"tags": ["a"]}`,
/// which OpenAI would reject.
extension JSONDocument {
    private static let mostLabels = 16
    private static let longestLabelName = 64
    private static let longestLabel = 512

    /// Whether a chat with this `metadata` is one that OpenAI takes: it keeps the labels of chats that it stores, and
    /// rejects those of others.
    func takesMetadata(_ value: JSONNode) -> Bool {
        guard kind(of: value) != .null else { return true }
        guard let root, let store = member("store", of: root), bool(store) == true else { return false }
        return isMetadata(value)
    }

    /// Whether a value is null, or an object of at most 16 texts of up to 512 characters, whose names have at most 64.
    func isMetadata(_ value: JSONNode) -> Bool {
        guard kind(of: value) != .null else { return true }
        guard kind(of: value) == .object else { return false }
        var labels = 0
        for member in members(of: value) {
            labels += 1
            guard labels <= Self.mostLabels, isText(member.name, atMost: Self.longestLabelName),
                isText(member.value, atMost: Self.longestLabel)
            else { return false }
        }
        return true
    }

    /// Whether a value is a text of at most so many characters.
    private func isText(_ node: JSONNode, atMost limit: Int) -> Bool {
        // A character takes at most twelve bytes as it is written, so a longer literal need not be decoded.
        guard kind(of: node) == .string, let range = byteRange(of: node), range.count <= 12 * limit + 2,
            let text = string(node)
        else { return false }
        return text.unicodeScalars.count <= limit
    }
}
