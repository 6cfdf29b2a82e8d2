/// Spans of time as clients and configurations write them.
public enum Milliseconds {
    /// 2^31 seconds, what RFC 9111 section 1.2.2 takes everything beyond it for.
    public static let longest: UInt64 = (1 << 31) * 1000

    /// Seconds, with their fraction rounded up to a millisecond, at most `longest`. Nil if negative or not a number.
    public static func from(seconds: Double) -> UInt64? {
        guard seconds >= 0 else { return nil }
        let milliseconds = (seconds * 1000).rounded(.up)
        return milliseconds < Double(longest) ? UInt64(milliseconds) : longest
    }
}
