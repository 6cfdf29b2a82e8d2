/// The id of a trace: 128 bits, of which at least one is set.
public struct TraceID: Sendable, Hashable {
    /// The first eight bytes, the most significant first.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// It is nil where all bits are clear, which is no id.
    public init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// A new id.
    public static func random(using generator: inout some RandomNumberGenerator) -> TraceID {
        while true {
            if let id = TraceID(high: generator.next(), low: generator.next()) { return id }
        }
    }
}

/// The id of a span: 64 bits, of which at least one is set.
public struct SpanID: Sendable, Hashable {
    /// The eight bytes, the most significant first.
    public let value: UInt64

    /// It is nil where all bits are clear, which is no id.
    public init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// A new id.
    public static func random(using generator: inout some RandomNumberGenerator) -> SpanID {
        while true {
            if let id = SpanID(generator.next()) { return id }
        }
    }
}
