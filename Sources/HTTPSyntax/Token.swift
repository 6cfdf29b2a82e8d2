/// Tokens (RFC 9110 section 5.6.2), of which names of fields, methods and media types consist.
public enum Token {
    /// Whether a byte may be part of a token: a bit for each that may.
    @inlinable @inline(__always)
    public static func contains(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : byte < 128 ? 0x57FF_FFFF_C7FF_FFFE : 0
        return bits >> UInt64(byte & 63) & 1 == 1
    }

    /// Whether a text is a token: not empty, and each of its bytes may be part of one.
    public static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(contains)
    }
}
