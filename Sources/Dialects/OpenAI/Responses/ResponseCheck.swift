import JSON
import NIOCore
public import ResponseCache

extension AnswerCheck {
    /// The check for responses. A response is stored if it is completed, or was cut off only because it reached the
    /// limit of tokens that the request set, and has output.
    public static let response = AnswerCheck { body, document in
        guard let root = document.object(in: body) else { return .unusable }
        if let refusal = document.refusal(ofResponse: root) { return refusal }
        return document.hasRepeatedMembers ? .unusable : nil
    }

    /// The check for counts of tokens: an object with the number `input_tokens`.
    public static let tokenCount = AnswerCheck { body, document in
        guard let root = document.object(in: body) else { return .unusable }
        if document.tellsError(root) { return .failed }
        guard let count = document.member("input_tokens", of: root), document.int64(count) != nil else { return .empty }
        return document.hasRepeatedMembers ? .unusable : nil
    }
}

extension JSONDocument {
    /// Parses a body, and returns its root if that is an object.
    func object(in body: ByteBuffer) -> JSONNode? {
        do throws(JSONError) {
            try parse(body, forKey: false, nodeLimit: JSONDocument.answerNodes)
        } catch {
            return nil
        }
        guard let root, kind(of: root) == .object else { return nil }
        return root
    }

    /// Returns why a response must not be stored. It is nil where it may be.
    func refusal(ofResponse response: JSONNode) -> NotStored? {
        var status: JSONNode?
        var details: JSONNode?
        var output: JSONNode?
        var hasFailed = false
        forEachMember(of: response) { name, member in
            if name.equals("status") {
                status = member.value
            } else if name.equals("incomplete_details") {
                details = member.value
            } else if name.equals("output") {
                output = member.value
            } else if name.equals("error"), kind(of: member.value) != .null {
                hasFailed = true
            }
        }
        guard !hasFailed, let status else { return .failed }
        if !text(of: status, equals: "completed") {
            guard text(of: status, equals: "incomplete"), let details, let reason = member("reason", of: details),
                text(of: reason, equals: "max_output_tokens")
            else { return .failed }
        }
        guard let output else { return .empty }
        var items = elements(of: output)
        return items.next() == nil ? .empty : nil
    }
}
