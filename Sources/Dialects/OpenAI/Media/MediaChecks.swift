import Glibc
import JSON
import NIOCore
import ResponseCache

extension AnswerCheck {
    /// The check for images. An answer is an object with at least one element in `data`, each of which is an object
    /// without an error.
    static let images = AnswerCheck { body, document in
        refusal(of: body, list: "data", document) { $0.kind(of: $1) == .object && !$0.tellsError($1) }
    }

    /// The check for answers of any type. One that begins like a JSON object is stored only if it is one without an
    /// error.
    static let anyBytes = AnswerCheck { body, document in
        let first = body.readableBytesView.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "{") else { return nil }
        do throws(JSONError) {
            try document.parse(body, forKey: false, nodeLimit: JSONDocument.answerNodes)
        } catch {
            return .unusable
        }
        guard let root = document.root else { return .unusable }
        return document.tellsError(root) ? .failed : nil
    }
}

extension [ByteBuffer] {
    /// Whether an answer with images has a member `url`, in whatever object, or a text that is the same.
    var hasLink: Bool {
        contains { $0.withUnsafeReadableBytes { $0.contains("\"url\"") } }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes contain a text, whose first byte should be rare in them.
    fileprivate func contains(_ text: StaticString) -> Bool {
        guard let start = baseAddress else { return false }
        let length = text.utf8CodeUnitCount
        var position = 0
        while position + length <= count,
            let found = memchr(start + position, Int32(text.utf8Start.pointee), count - position - length + 1)
        {
            if memcmp(found, text.utf8Start, length) == 0 { return true }
            position = UnsafeRawPointer(found) - start + 1
        }
        return false
    }
}
