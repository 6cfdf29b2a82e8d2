public import NIOCore
public import ResponseCache

/// One input's share of an embedding answer, as it is stored. It is the JSON text as the upstream wrote it. None of its
/// numbers is parsed and formatted again.
///
/// The entry's body, whose numbers are little-endian:
/// ```
///  0  version: 1, or 2 without tokens   16  prompt tokens, 8 bytes
///  4  length of the head                24  total tokens, 8 bytes
///  8  length of the tail                32  head, tail, model
/// 12  length of the model
/// ```
/// Head and tail are the text of the element of `data` before and after the number of its `index`, so an answer is
/// assembled by copying, whatever the position of the input in it. The model is the text of the answer's `model`,
/// including the quotes. It may be missing.
public struct EmbeddingPart: Sendable {
    let head: ByteBuffer
    let tail: ByteBuffer
    let model: ByteBuffer
    /// The usage. It is nil where the upstream did not report it.
    let usage: EmbeddingUsage?

    private static let version: UInt32 = 1
    private static let versionWithoutUsage: UInt32 = 2
    private static let fixedLength = 32

    init(head: ByteBuffer, tail: ByteBuffer, model: ByteBuffer, usage: EmbeddingUsage?) {
        self.head = head
        self.tail = tail
        self.model = model
        self.usage = usage
    }

    /// Appends the element of `data` for the input at a position.
    func write(at index: Int, to buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(head)
        buffer.writeString(String(index))
        buffer.writeImmutableBuffer(tail)
    }

    /// The entry's body.
    public func encode() -> [ByteBuffer] {
        var fixed = ByteBuffer()
        fixed.reserveCapacity(EmbeddingPart.fixedLength)
        fixed.writeInteger(
            usage == nil ? EmbeddingPart.versionWithoutUsage : EmbeddingPart.version,
            endianness: .little
        )
        for text in [head, tail, model] {
            fixed.writeInteger(UInt32(clamping: text.readableBytes), endianness: .little)
        }
        fixed.writeInteger(usage?.promptTokens ?? 0, endianness: .little)
        fixed.writeInteger(usage?.totalTokens ?? 0, endianness: .little)
        return [fixed, head, tail, model]
    }

    /// Reads an entry's body. The result is nil where the body is not an embedding part.
    public init?(decoding body: ByteBuffer) {
        var body = body
        guard let version = body.readInteger(endianness: .little, as: UInt32.self),
            version == EmbeddingPart.version || version == EmbeddingPart.versionWithoutUsage,
            let headLength = body.readInteger(endianness: .little, as: UInt32.self),
            let tailLength = body.readInteger(endianness: .little, as: UInt32.self),
            let modelLength = body.readInteger(endianness: .little, as: UInt32.self),
            let promptTokens = body.readInteger(endianness: .little, as: UInt64.self),
            let totalTokens = body.readInteger(endianness: .little, as: UInt64.self),
            let head = body.readSlice(length: Int(headLength)),
            let tail = body.readSlice(length: Int(tailLength)),
            let model = body.readSlice(length: Int(modelLength)),
            body.readableBytes == 0, max(promptTokens, totalTokens) <= EmbeddingUsage.most,
            head.readableBytesView.first == UInt8(ascii: "{"), tail.readableBytesView.last == UInt8(ascii: "}")
        else { return nil }
        self.head = head
        self.tail = tail
        self.model = model
        usage =
            version == EmbeddingPart.version
            ? EmbeddingUsage(promptTokens: promptTokens, totalTokens: totalTokens) : nil
    }

    /// Reads the body of a hit. The result is nil where the body is not an embedding part. The bytes are copied, so
    /// that the hit can be released.
    public init?(_ hit: CacheHit) {
        var body = ByteBuffer()
        body.reserveCapacity(hit.bodyLength)
        hit.writeBody(into: &body)
        self.init(decoding: body)
    }
}
