import JSON
import NIOCore
public import ResponseCache

extension AnswerCheck {
    /// The check for chat and text completions. An answer is an object with at least one element in `choices`. Every
    /// element has a message or a text, and none has an error.
    public static let choices = AnswerCheck { body, document in
        refusal(of: body, list: "choices", document) { $0.isChoice($1) }
    }

    /// The check for whole embedding answers. An answer is an object with at least one element in `data`. Every element
    /// has an embedding.
    public static let embeddings = AnswerCheck { body, document in
        refusal(of: body, list: "data", document) { $0.isEmbedding($1) }
    }

    /// The check for rerankings and moderations. An answer is an object with at least one element in `results`, each of
    /// which is an object without an error.
    public static let results = AnswerCheck { body, document in
        refusal(of: body, list: "results", document) { $0.kind(of: $1) == .object && !$0.tellsError($1) }
    }

    static func refusal(
        of body: ByteBuffer,
        list listName: StaticString,
        _ document: JSONDocument,
        _ isAnswer: (JSONDocument, JSONNode) -> Bool
    ) -> NotStored? {
        do throws(JSONError) {
            try document.parse(body, forKey: false, nodeLimit: JSONDocument.answerNodes)
        } catch {
            return .unusable
        }
        guard let root = document.root, document.kind(of: root) == .object else { return .unusable }
        var list: JSONNode?
        var lists = 0
        var hasFailed = false
        document.forEachMember(of: root) { name, member in
            if name.equals(listName) {
                list = member.value
                lists += 1
            } else if name.equals("error"), document.kind(of: member.value) != .null {
                hasFailed = true
            }
        }
        if hasFailed { return .failed }
        guard let list else { return .empty }
        // Of two members with the same name, some clients read the first and others the last.
        guard lists == 1 else { return .unusable }
        var isEmpty = true
        for element in document.elements(of: list) {
            guard isAnswer(document, element) else { return .failed }
            isEmpty = false
        }
        if isEmpty { return .empty }
        // An answer with two members of any one name cannot be converted to a stream either.
        return document.hasRepeatedMembers ? .unusable : nil
    }
}
