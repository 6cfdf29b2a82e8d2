/// Tokens (RFC 9110 section 5.6.2), the form of field names, methods and the parts of media types.
public enum Token {
    /// A set with a bit for each byte that may be part of a token.
    @inlinable @inline(__always)
    public static func contains(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : byte < 128 ? 0x57FF_FFFF_C7FF_FFFE : 0
        return bits >> UInt64(byte & 63) & 1 == 1
    }

    /// Whether a text is a token: it is not empty, and each of its bytes may be part of a token.
    public static func isToken(_ text: String) -> Bool {
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes where !contains(byte) { return false }
            return !bytes.isEmpty
        }
    }
}
