/// Spans of time as clients and configurations write them.
public enum Milliseconds {
    /// 2^31 seconds, which stands for everything longer (RFC 9111 section 1.2.2).
    public static let longest: UInt64 = (1 << 31) * 1000

    /// Converts seconds, rounding their fraction up to a millisecond, to at most `longest`. It is nil if `seconds` is
    /// negative or not a number.
    public static func from(seconds: Double) -> UInt64? {
        guard seconds >= 0 else { return nil }
        let milliseconds = (seconds * 1000).rounded(.up)
        return milliseconds < Double(longest) ? UInt64(milliseconds) : longest
    }
}
