import HTTPSyntax
import JSON
import NIOCore

/// Decides whether an answer may be stored. It belongs to one event loop, because it keeps its index of the body.
final class AnswerChecker {
    private let document = JSONDocument()

    /// Returns why an answer must not be stored. It is nil where the answer may be stored.
    func refusal(of answer: CacheableAnswer, maxEntrySize: Int) -> NotStored? {
        guard answer.status == 200 else { return .notSuccessful }
        let contentTypeLength = answer.contentType.utf8.count
        // The content type must be well-formed, since it is checked again when the entry is read.
        guard MediaType.isWellFormed(answer.contentType) else { return .unusable }
        let bodyLength = answer.bodyLength
        guard bodyLength > 0 else { return .empty }
        let labelsLength = (answer.facts?.labels?.count ?? 0) * EntryLabel.length
        let usageLength = answer.usage == nil ? 0 : EntryLayout.usageLength
        let headerLength = EntryLayout.fixedLength + contentTypeLength + labelsLength + usageLength
        guard bodyLength <= maxEntrySize - headerLength else { return .tooLarge }
        guard let check = answer.check else { return nil }
        defer { document.reset() }
        return check.refusal(AnswerChecker.joined(answer.body), document)
    }

    /// Returns the body in one piece. A body that is in one piece already is not copied.
    private static func joined(_ body: [ByteBuffer]) -> ByteBuffer {
        guard body.count != 1, var whole = body.first else { return body.first ?? ByteBuffer() }
        whole.reserveCapacity(minimumWritableBytes: body.dropFirst().reduce(0) { $0 + $1.readableBytes })
        for part in body.dropFirst() { whole.writeImmutableBuffer(part) }
        return whole
    }
}
