import JSON
import NIOCore

/// An upstream's answer to an embedding request, split into one part for each input.
public struct EmbeddingAnswer: Sendable {
    /// The parts, in the order of the inputs that were sent.
    let parts: [EmbeddingPart]
    /// The text of `model`. It is nil where the answer has none.
    let model: ByteBuffer?
    /// The text, name and value, of each member that the gateway does not know.
    let otherMembers: [ByteBuffer]

    /// Splits an answer. The result is nil where the answer reports an error, where it is not an object whose `data`
    /// has one object with a distinct `index` and an `embedding` for each input, and where its `usage` cannot be
    /// divided. A `usage` that lacks either number of tokens is treated as absent.
    ///
    /// - Parameter weights: the length of each input that was sent. The usage is divided in proportion to these
    ///   lengths.
    init?(_ answer: JSONDocument, of bytes: ByteBuffer, weights: [Int]) {
        guard !weights.isEmpty, let root = answer.root, answer.kind(of: root) == .object, !answer.tellsError(root)
        else {
            return nil
        }
        var data: JSONNode?
        var usage: JSONNode?
        var model: ByteBuffer?
        var others: [ByteBuffer] = []
        for member in answer.members(of: root) {
            func isNamed(_ name: StaticString) -> Bool { answer.text(of: member.name, equals: name) }
            if isNamed("data") {
                data = member.value
            } else if isNamed("usage") {
                usage = member.value
            } else if isNamed("model") {
                model = bytes.text(of: member.value, in: answer)
            } else if !isNamed("object") {
                guard let name = answer.byteRange(of: member.name), let value = answer.byteRange(of: member.value),
                    let text = bytes.text(in: name.lowerBound..<value.upperBound)
                else { return nil }
                others.append(text)
            }
        }
        guard let data else { return nil }
        var shares: [EmbeddingUsage?] = weights.map { _ in nil }
        if let usage, answer.member("prompt_tokens", of: usage) != nil, answer.member("total_tokens", of: usage) != nil
        {
            guard let usage = EmbeddingUsage(usage, in: answer) else { return nil }
            shares = usage.shares(by: weights)
        }
        var parts = [EmbeddingPart?](repeating: nil, count: weights.count)
        for element in answer.elements(of: data) {
            guard let item = Item(element, in: answer, of: bytes), parts.indices.contains(item.index),
                parts[item.index] == nil
            else { return nil }
            parts[item.index] = EmbeddingPart(
                head: item.head,
                tail: item.tail,
                model: model ?? ByteBuffer(),
                usage: shares[item.index]
            )
        }
        let complete = parts.compactMap { $0 }
        guard complete.count == weights.count else { return nil }
        self.parts = complete
        self.model = model
        otherMembers = others
    }

    /// One element of `data`, split at the number of its index.
    private struct Item {
        let index: Int
        let head: ByteBuffer
        let tail: ByteBuffer

        init?(_ element: JSONNode, in answer: JSONDocument, of bytes: ByteBuffer) {
            guard let whole = answer.byteRange(of: element), let number = answer.member("index", of: element),
                let value = answer.int64(number), let index = Int(exactly: value),
                let cut = answer.byteRange(of: number),
                answer.isEmbedding(element),
                let head = bytes.text(in: whole.lowerBound..<cut.lowerBound),
                let tail = bytes.text(in: cut.upperBound..<whole.upperBound)
            else { return nil }
            self.index = index
            self.head = head
            self.tail = tail
        }
    }
}
