public import NIOCore

/// A request body: the received bytes, and replacements for some of them.
///
/// It is rendered once per attempt, because the name of the model differs between deployments.
public struct RequestBody {
    private struct Splice {
        var range: Range<Int>
        var replacement: Replacement
    }

    private enum Replacement {
        case model
        case bytes(ByteBuffer)
    }

    /// The received text.
    let source: ByteBuffer
    private var splices: [Splice] = []

    /// - Parameters:
    ///   - source: the JSON text.
    ///   - modelLiteral: the range of the value of `model`, including its quotes, counted from the first readable byte.
    ///     Where it is nil, or not within the text, the model is left as it is.
    public init(_ source: ByteBuffer, modelLiteral: Range<Int>?) {
        self.source = source
        if let modelLiteral { insert(Splice(range: modelLiteral, replacement: .model)) }
    }

    /// The size of the received text in bytes.
    public var sourceBytes: Int { source.readableBytes }

    /// Replaces the bytes in `range`, counted from the first readable byte of the source.
    ///
    /// A range that is not within the source, or that overlaps an earlier replacement, changes nothing.
    ///
    /// - Returns: whether the bytes are replaced.
    @discardableResult
    public mutating func replace(_ range: Range<Int>, with replacement: ByteBuffer) -> Bool {
        insert(Splice(range: range, replacement: .bytes(replacement)))
    }

    @discardableResult
    private mutating func insert(_ splice: Splice) -> Bool {
        guard splice.range.lowerBound >= 0, splice.range.upperBound <= source.readableBytes else { return false }
        // The model's name, to which nothing is added as a rule.
        if splices.isEmpty {
            splices = [splice]
            return true
        }
        let position = splices.firstIndex { $0.range.lowerBound >= splice.range.lowerBound } ?? splices.endIndex
        if position < splices.endIndex, splices[position].range.lowerBound < splice.range.upperBound { return false }
        if position > 0, splices[position - 1].range.upperBound > splice.range.lowerBound { return false }
        splices.insert(splice, at: position)
        return true
    }

    /// How many bytes the body has once it is rendered.
    ///
    /// - Parameter model: a JSON string literal. Where it is nil, the name of the model is left as it is.
    func count(model: [UInt8]?) -> Int {
        splices.reduce(source.readableBytes) { total, splice in
            switch splice.replacement {
            case .model: model.map { total - splice.range.count + $0.count } ?? total
            case .bytes(let bytes): total - splice.range.count + bytes.readableBytes
            }
        }
    }

    /// Appends the rendered body to `output`.
    func render(model: [UInt8]?, into output: inout ByteBuffer) {
        var position = 0
        for splice in splices {
            copy(from: position, to: splice.range.lowerBound, into: &output)
            switch splice.replacement {
            case .model:
                if let model {
                    output.writeBytes(model)
                } else {
                    copy(from: splice.range.lowerBound, to: splice.range.upperBound, into: &output)
                }
            case .bytes(let bytes):
                output.writeImmutableBuffer(bytes)
            }
            position = splice.range.upperBound
        }
        copy(from: position, to: source.readableBytes, into: &output)
    }

    /// The rendered body in pieces that share the source's memory.
    func pieces(model: [UInt8]?) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var position = 0
        func add(to end: Int) {
            guard end > position, let slice = source.getSlice(at: source.readerIndex + position, length: end - position)
            else { return }
            pieces.append(slice)
        }
        for splice in splices {
            if case .model = splice.replacement, model == nil { continue }
            add(to: splice.range.lowerBound)
            position = splice.range.upperBound
            switch splice.replacement {
            case .model: pieces.append(ByteBuffer(bytes: model ?? []))
            case .bytes(let bytes): pieces.append(bytes)
            }
        }
        add(to: source.readableBytes)
        return pieces.filter { $0.readableBytes > 0 }
    }

    /// Whether it is sent in pieces instead of being copied into one buffer with the head.
    var isLarge: Bool { source.readableBytes > Self.copiedBody }
    private static let copiedBody = 64 * 1024

    private func copy(from start: Int, to end: Int, into output: inout ByteBuffer) {
        guard end > start else { return }
        source.withUnsafeReadableBytes { bytes in
            guard start >= 0, end <= bytes.count else { return }
            output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }
}
