import JSON
public import ResponseCache

extension AnswerCheck {
    /// The check for messages. An answer is a message with at least one content block that ended as the model or the
    /// request wanted.
    public static let message = AnswerCheck { body, document in
        guard let root = document.object(in: body) else { return .unusable }
        guard let type = document.member("type", of: root), document.text(of: type, equals: "message") else {
            return .failed
        }
        guard let content = document.member("content", of: root) else { return .empty }
        var blocks = document.elements(of: content)
        guard blocks.next() != nil else { return .empty }
        guard let reason = document.member("stop_reason", of: root), document.isFinal(reason: reason) else {
            return .failed
        }
        return document.hasRepeatedMembers ? .unusable : nil
    }
}

extension JSONDocument {
    /// Whether a message with this reason is worth storing. `pause_turn` asks the client to go on, a refusal is the
    /// verdict of a classifier, and a full context window is an end that nobody wanted.
    func isFinal(reason: JSONNode) -> Bool {
        Self.finalReasons.contains { text(of: reason, equals: $0) }
    }

    private static let finalReasons: [StaticString] = ["end_turn", "tool_use", "stop_sequence", "max_tokens"]
}
