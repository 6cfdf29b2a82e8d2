public import JSON
public import NIOCore
public import ResponseCache

/// One embedding request: its inputs, the parts that are in the cache, and the inputs that are still to be sent to the
/// upstream.
///
/// Where nothing is in the cache, the request and its answer pass unchanged. Where everything is in the cache,
/// `answer()` gives the answer without an upstream request. Otherwise `upstreamInput` replaces `input` in the request,
/// and `answer(with:)` merges the upstream's answer with the cached parts.
public struct EmbeddingBatch: Sendable {
    /// The key of each input, in the order of the request.
    public let keys: [CacheKey]
    /// The text of each input in the request.
    private let inputs: [ByteBuffer]
    private let cached: [EmbeddingPart?]
    /// The positions of the inputs to send to the upstream, in order. Of equal inputs that are missing, only the first
    /// is sent. Where nothing is cached, all are sent, because the request goes upstream unchanged.
    public let asked: [Int]
    /// For each input that is not cached, its position in `asked`.
    private let place: [Int?]

    /// - Parameters:
    ///   - inputs: the text of each input, as `JSONDocument.texts(of:)` gives them.
    ///   - keys: the key of each input.
    ///   - cached: the part of each input that is in the cache. Inputs beyond the end of `keys` or `cached` are
    ///     ignored.
    public init(inputs: [ByteBuffer], keys: [CacheKey], cached: [EmbeddingPart?]) {
        let count = min(inputs.count, keys.count, cached.count)
        self.keys = Array(keys.prefix(count))
        self.cached = Array(cached.prefix(count))
        self.inputs = Array(inputs.prefix(count))

        let isUntouched = !self.cached.contains { $0 != nil }
        var asked: [Int] = []
        var firsts: [CacheKey: Int] = [:]
        var place: [Int?] = []
        for (index, part) in self.cached.enumerated() {
            if part != nil {
                place.append(nil)
            } else if !isUntouched, let first = firsts[self.keys[index]] {
                place.append(first)
            } else {
                firsts[self.keys[index]] = asked.count
                place.append(asked.count)
                asked.append(index)
            }
        }
        self.asked = asked
        self.place = place
    }

    /// Whether everything is in the cache.
    public var isFullHit: Bool { asked.isEmpty && !keys.isEmpty }
    /// Whether nothing is in the cache, so that the request and its answer pass unchanged.
    public var isFullMiss: Bool { asked.count == keys.count }

    /// The number of bytes in the parts that are in the cache.
    public var cachedBytes: Int {
        cached.reduce(0) { $0 + ($1.map { $0.head.readableBytes + $0.tail.readableBytes } ?? 0) }
    }

    /// The tokens of the parts that are in the cache, as far as they are known.
    public var cachedTokens: Int {
        cached.reduce(0) { sum, part in
            let (sum, overflow) = sum.addingReportingOverflow(Int(clamping: part?.usage?.promptTokens ?? 0))
            return overflow ? .max : sum
        }
    }

    /// The array of inputs to send to the upstream, in the request's own text.
    public var upstreamInput: ByteBuffer {
        var writer = JSONWriter(reserving: asked.reduce(2) { $0 + inputs[$1].readableBytes + 1 })
        writer.array { array in
            for index in asked { array.value(inputs[index]) }
        }
        return writer.buffer
    }

    /// Splits the upstream's answer into one part for each input that was sent. The result is nil where the answer does
    /// not match the inputs. In that case nothing in it can be stored. On a partial hit it cannot be merged either, so
    /// the whole request must go upstream.
    public func split(_ answer: JSONDocument, of bytes: ByteBuffer) -> EmbeddingAnswer? {
        EmbeddingAnswer(answer, of: bytes, weights: asked.map { inputs[$0].readableBytes })
    }

    /// Returns the parts of the upstream's answer that are to be stored.
    ///
    /// - Parameter facts: what is known of the call that made it.
    public func answersToStore(
        _ answer: EmbeddingAnswer,
        contentType: String = "application/json",
        facts: CallFacts? = nil
    ) -> [(key: CacheKey, answer: CacheableAnswer)] {
        var stored = Set<CacheKey>()
        return zip(asked, answer.parts).compactMap { index, part in
            guard stored.insert(keys[index]).inserted else { return nil }
            let body = part.encode()
            return (
                // The answer was checked when it was split.
                keys[index],
                CacheableAnswer(check: nil, status: 200, contentType: contentType, body: body, facts: facts)
            )
        }
    }

    /// Returns the whole answer, in the order of the request. The result is nil where a part is missing.
    ///
    /// - Parameter upstream: the answer to the inputs that were sent. It is nil on a full hit.
    public func answer(with upstream: EmbeddingAnswer? = nil) -> ByteBuffer? {
        var parts: [EmbeddingPart] = []
        for (part, place) in zip(cached, place) {
            if let part {
                parts.append(part)
            } else if let upstream, let place, upstream.parts.indices.contains(place) {
                parts.append(upstream.parts[place])
            } else {
                return nil
            }
        }
        guard !parts.isEmpty else { return nil }
        return EmbeddingBatch.merge(parts, others: upstream?.otherMembers ?? [], model: upstream?.model)
    }

    private static func merge(_ parts: [EmbeddingPart], others: [ByteBuffer], model: ByteBuffer?) -> ByteBuffer {
        // If one part does not contain its usage, the sum would be wrong, so none is reported.
        var usage: EmbeddingUsage? = EmbeddingUsage(promptTokens: 0, totalTokens: 0)
        for part in parts {
            guard let sum = usage else { break }
            usage = part.usage.map { sum + $0 }
        }
        let model = model ?? parts.first { $0.model.readableBytes > 0 }?.model
        var writer = JSONWriter(
            reserving: parts.reduce(256) { $0 + $1.head.readableBytes + $1.tail.readableBytes + 16 }
        )
        writer.object { answer in
            answer.member("object", "list")
            answer.member("data") { data in
                data.array { array in
                    for (index, part) in parts.enumerated() {
                        array.value { part.write(at: index, to: &$0) }
                    }
                }
            }
            if let model, model.readableBytes > 0 { answer.member("model") { $0.value(model) } }
            if let usage { answer.member("usage") { usage.write(to: &$0) } }
            for member in others { answer.members(member) }
        }
        return writer.buffer
    }
}

extension JSONDocument {
    /// Returns the text of each of these values in `buffer`, from which the document was parsed. The buffer's storage
    /// is shared.
    public func texts(of nodes: [JSONNode], in buffer: ByteBuffer) -> [ByteBuffer] {
        nodes.map { buffer.text(of: $0, in: self) ?? ByteBuffer() }
    }
}

extension ByteBuffer {
    /// Returns the text of a value in the document that was parsed from this buffer.
    func text(of node: JSONNode, in document: JSONDocument) -> ByteBuffer? {
        document.byteRange(of: node).flatMap(text(in:))
    }

    func text(in range: Range<Int>) -> ByteBuffer? {
        getSlice(at: readerIndex + range.lowerBound, length: range.count)
    }
}
