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
        /// A member `model`, with a comma before it where other members precede it.
        case modelMember(afterMembers: Bool)
        /// The model's name as it is, without quotes and escapes.
        case modelText
        case bytes(ByteBuffer)

        /// Whether it stands for the model's name.
        var isModel: Bool {
            switch self {
            case .model, .modelMember, .modelText: true
            case .bytes: false
            }
        }
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

    /// Appends the member `model` to an object whose closing brace is at `end`.
    ///
    /// - Parameter afterMembers: whether other members precede it.
    public mutating func appendModel(at end: Int, afterMembers: Bool) {
        insert(Splice(range: end..<end, replacement: .modelMember(afterMembers: afterMembers)))
    }

    /// Appends members to an object whose closing brace is at `end`, in front of a model that is appended too.
    ///
    /// - Parameters:
    ///   - members: the members, each with a comma before it.
    ///   - afterMembers: whether the object has members as it was received.
    mutating func append(_ members: ByteBuffer, at end: Int, afterMembers: Bool) {
        var isFirst = !afterMembers
        let model = splices.firstIndex { splice in
            if case .modelMember = splice.replacement { splice.range.lowerBound == end } else { false }
        }
        if let model, case .modelMember(let afterMembers) = splices[model].replacement {
            isFirst = !afterMembers
            splices[model].replacement = .modelMember(afterMembers: true)
        }
        insert(Splice(range: end..<end, replacement: .bytes(isFirst ? members.withoutFirstByte : members)))
    }

    /// Replaces the bytes in `range` by the name of the model as it is, for a body that is not JSON.
    public mutating func replaceModel(_ range: Range<Int>) {
        insert(Splice(range: range, replacement: .modelText))
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
            case .modelMember(let afterMembers):
                total + (model.map { Self.member($0, afterMembers: afterMembers).count } ?? 0)
            case .modelText: model.map { total - splice.range.count + Self.text(of: $0).count } ?? total
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
            case .modelMember(let afterMembers):
                if let model { output.writeBytes(Self.member(model, afterMembers: afterMembers)) }
            case .modelText:
                if let model {
                    output.writeBytes(Self.text(of: model))
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
            if model == nil, splice.replacement.isModel { continue }
            add(to: splice.range.lowerBound)
            position = splice.range.upperBound
            switch splice.replacement {
            case .model: pieces.append(ByteBuffer(bytes: model ?? []))
            case .modelMember(let afterMembers):
                pieces.append(ByteBuffer(bytes: Self.member(model ?? [], afterMembers: afterMembers)))
            case .modelText: pieces.append(ByteBuffer(bytes: Self.text(of: model ?? [])))
            case .bytes(let bytes): pieces.append(bytes)
            }
        }
        add(to: source.readableBytes)
        return pieces.filter { $0.readableBytes > 0 }
    }

    private static func member(_ literal: [UInt8], afterMembers: Bool) -> [UInt8] {
        Array((afterMembers ? ",\"model\":" : "\"model\":").utf8) + literal
    }

    /// What stands between the quotes of a JSON string literal.
    private static func text(of literal: [UInt8]) -> ArraySlice<UInt8> { literal.dropFirst().dropLast() }

    /// Whether copying it costs more than sending it in pieces.
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

extension ByteBuffer {
    fileprivate var withoutFirstByte: ByteBuffer {
        var rest = self
        rest.moveReaderIndex(forwardBy: min(1, rest.readableBytes))
        return rest
    }
}
