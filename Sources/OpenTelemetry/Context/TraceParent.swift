public import Text

/// The value of `traceparent` (W3C Trace Context, section 3.2): a trace, the span in it that made the request, and what
/// the sender decided.
public struct TraceParent: Sendable, Hashable {
    public let traceID: TraceID
    public let spanID: SpanID
    /// Bit 0: the sender records the trace. Bit 1: the id of the trace is random.
    public let flags: UInt8

    /// How many bytes a value of version 00 has.
    public static let length = 55

    /// Whether the sender records the trace.
    public var isSampled: Bool { flags & 1 == 1 }

    /// Makes a value. Only the bits of `flags` that have a meaning are kept.
    public init(traceID: TraceID, spanID: SpanID, flags: UInt8) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags & 0b11
    }

    /// Reads a value of version 00, or the part of a later version's that version 00 has too (section 3.2.1). It is nil
    /// for anything else: hexadecimal digits are in lower case, neither id is zero, and nothing follows.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        // 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
        guard bytes.count >= Self.length, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.number(bytes, 0, digits: 2), version != 0xFF,
            version == 0 ? bytes.count == Self.length : bytes.count == Self.length || bytes[55] == Self.dash,
            let high = Self.number(bytes, 3, digits: 16), let low = Self.number(bytes, 19, digits: 16),
            let traceID = TraceID(high: high, low: low),
            let span = Self.number(bytes, 36, digits: 16), let spanID = SpanID(span),
            let flags = Self.number(bytes, 53, digits: 2)
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, flags: UInt8(truncatingIfNeeded: flags))
    }

    /// The value, of version 00.
    public var bytes: [UInt8] {
        var text = WireText(capacity: Self.length)
        write(to: &text)
        return text.withBytes { Array($0) }
    }

    /// Appends the value.
    public func write(to text: inout WireText) {
        text.write("00-")
        text.write(hexadecimal: traceID.high)
        text.write(hexadecimal: traceID.low)
        text.write("-")
        text.write(hexadecimal: spanID.value)
        switch flags {
        case 0: text.write("-00")
        case 1: text.write("-01")
        case 2: text.write("-02")
        default: text.write("-03")
        }
    }

    private static let dash = UInt8(ascii: "-")

    /// Reads hexadecimal digits in lower case, which must be within `bytes`.
    private static func number(_ bytes: UnsafeRawBufferPointer, _ start: Int, digits: Int) -> UInt64? {
        var number: UInt64 = 0
        for byte in bytes[start..<start + digits] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            number = number << 4 | UInt64(digit)
        }
        return number
    }
}
