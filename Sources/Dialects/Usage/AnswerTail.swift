public import NIOCore
public import ResponseCache

/// What is kept of an answer that passes by, to read at its end how many tokens it has cost: its first and its last
/// bytes, without a copy.
public struct AnswerTail {
    private var first: ByteBuffer?
    private var previous: ByteBuffer?
    private var last: ByteBuffer?

    /// Nothing has passed by.
    public init() {}

    /// Takes the next bytes of the answer.
    public mutating func take(_ bytes: ByteBuffer) {
        if first == nil { first = bytes }
        previous = last
        last = bytes
    }

    /// The tokens that the answer has cost. It is nil where the answer does not say so where it is expected.
    public var usage: TokenUsage? {
        guard let last, var usage = reported(last) else { return nil }
        // In the streams of some families the first event says what the request has cost, and the last one what the answer has.
        if (usage.input ?? 0) == 0, let first, let earlier = Self.read(first.readableBytesView.prefix(Self.window)) {
            usage.complete(from: earlier)
        }
        return usage.tokens
    }

    private static let window = UsageReader.window

    private func reported(_ last: ByteBuffer) -> ReportedUsage? {
        guard last.readableBytes < Self.window, let previous else {
            return Self.read(last.readableBytesView.suffix(Self.window))
        }
        if let usage = Self.read(last.readableBytesView) { return usage }
        var joined = ByteBuffer(bytes: previous.readableBytesView.suffix(Self.window - last.readableBytes))
        joined.writeImmutableBuffer(last)
        return Self.read(joined.readableBytesView)
    }

    private static func read(_ bytes: ByteBufferView) -> ReportedUsage? {
        bytes.withUnsafeBytes { UsageReader.usage(in: $0) }
    }
}
