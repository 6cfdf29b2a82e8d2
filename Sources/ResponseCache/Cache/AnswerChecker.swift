import HTTPSyntax
import JSON
import NIOCore

/// Decides whether an answer may be stored. One event loop's, as it keeps its index of the body.
final class AnswerChecker {
    private let document = JSONDocument()

    /// Why an answer is not to be stored, or nil where it may be.
    func refusal(of answer: CacheableAnswer, maxEntrySize: Int) -> NotStored? {
        guard answer.status == 200 else { return .notSuccessful }
        let contentTypeLength = answer.contentType.utf8.count
        // As it must be when it is read again.
        guard MediaType.isWellFormed(answer.contentType) else { return .unusable }
        let bodyLength = answer.bodyLength
        guard bodyLength > 0 else { return .empty }
        guard bodyLength <= maxEntrySize - EntryLayout.fixedLength - contentTypeLength else { return .tooLarge }
        guard let check = answer.check else { return nil }
        defer { document.reset() }
        return check.refusal(AnswerChecker.joined(answer.body), document)
    }

    /// The body in one piece; a body that is one already is not copied.
    private static func joined(_ body: [ByteBuffer]) -> ByteBuffer {
        guard body.count != 1, var whole = body.first else { return body.first ?? ByteBuffer() }
        whole.reserveCapacity(minimumWritableBytes: body.dropFirst().reduce(0) { $0 + $1.readableBytes })
        for part in body.dropFirst() { whole.writeImmutableBuffer(part) }
        return whole
    }
}
