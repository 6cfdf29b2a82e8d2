import HTTPSyntax
import JSON
public import NIOCore

/// A complete answer of a model that might be stored.
public struct CacheableAnswer: Sendable {
    /// What the body must hold to be worth storing.
    public enum Kind: Sendable, Hashable {
        /// An object with at least one element in `choices`, all of them with a message or a text and none with an error. Chat
        /// and text completions.
        case choices
        /// An object with at least one element in `data`, all of them with an embedding. Embeddings as a whole.
        case data
        /// The recording of a stream, which was found to be whole.
        case stream
        /// One input's share of an embedding answer, which was checked when it was taken apart.
        case embeddingPart
    }

    /// What the body has to hold to be an answer.
    public let kind: Kind
    /// The HTTP status; only 200 is stored.
    public let status: Int
    /// The value of Content-Type.
    public let contentType: String
    /// The body is their concatenation.
    public let body: [ByteBuffer]

    /// An answer as it came from a model; `body` is its bytes in order, however they are cut.
    public init(kind: Kind, status: Int, contentType: String, body: [ByteBuffer]) {
        self.kind = kind
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    var form: EntryForm { kind == .stream ? .stream : .json }

    var bodyLength: Int { body.reduce(0) { $0 + $1.readableBytes } }
}

/// What became of an answer that might be stored.
public enum StoreDecision: Sendable, Hashable {
    /// The backend has it, or will say that it could not keep it. `Cache-Status` may say `stored`.
    case handedOver
    case notStored(NotStored)
}

/// Why an answer is not stored.
public enum NotStored: UInt8, Error, Sendable, CaseIterable {
    /// The configuration keeps the cache out of it.
    case bypassed
    /// The request said `no-store`.
    case notWanted
    /// Its time to live is 0.
    case noTimeToLive
    /// Its status is not 200.
    case notSuccessful
    /// It is larger than `CachePolicy.maxEntrySize`.
    case tooLarge
    /// Its body is not the JSON object it should be or has two members of one name, or its content type is unusable.
    case unusable
    /// It says nothing: no choices, no data.
    case empty
    /// It says, with status 200, that the model failed.
    case failed
    /// The backend refused it at once: it is too large for it, or it fails.
    case refused
    /// The cryptographic library failed to seal it.
    case unsealable
}

/// Decides whether an answer may be stored. One event loop's, as it keeps its index of the body.
final class AnswerChecker {
    private let document = JSONDocument()

    /// Nil if it may be stored.
    func refusal(of answer: CacheableAnswer, maxEntrySize: Int) -> NotStored? {
        guard answer.status == 200 else { return .notSuccessful }
        let contentTypeLength = answer.contentType.utf8.count
        // As it must be when it is read again.
        guard MediaType.isWellFormed(answer.contentType) else { return .unusable }
        let bodyLength = answer.bodyLength
        guard bodyLength > 0 else { return .empty }
        guard bodyLength <= maxEntrySize - EntryLayout.fixedLength - contentTypeLength else { return .tooLarge }
        switch answer.kind {
        case .embeddingPart, .stream: return nil
        case .choices: return refusal(of: answer.body, list: "choices") { $0.isChoice($1) }
        case .data: return refusal(of: answer.body, list: "data") { $0.isEmbedding($1) }
        }
    }

    private func refusal(
        of body: [ByteBuffer],
        list listName: StaticString,
        _ isAnswer: (JSONDocument, JSONNode) -> Bool
    ) -> NotStored? {
        defer { document.reset() }
        do throws(JSONError) {
            try document.parse(AnswerChecker.joined(body), forKey: false, nodeLimit: JSONDocument.answerNodes)
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
        // Two of one name are read by some as the first and by others as the last.
        guard lists == 1 else { return .unusable }
        var isEmpty = true
        for element in document.elements(of: list) {
            guard isAnswer(document, element) else { return .failed }
            isEmpty = false
        }
        if isEmpty { return .empty }
        // Nor can a stream be made of it, if there are two of any name.
        return document.hasRepeatedMembers ? .unusable : nil
    }

    /// The body in one piece; a body that is one already is not copied.
    private static func joined(_ body: [ByteBuffer]) -> ByteBuffer {
        guard body.count != 1, var whole = body.first else { return body.first ?? ByteBuffer() }
        whole.reserveCapacity(minimumWritableBytes: body.dropFirst().reduce(0) { $0 + $1.readableBytes })
        for part in body.dropFirst() { whole.writeImmutableBuffer(part) }
        return whole
    }
}
