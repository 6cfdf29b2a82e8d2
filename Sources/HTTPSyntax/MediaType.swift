import Text

/// What a Content-Type field may say (RFC 9110 section 8.3): whatever is written into a header must be fit for one.
public enum MediaType {
    /// Bytes of the longest one that is taken for one.
    public static let longest = 256

    /// Whether these bytes are a media type (RFC 9110 section 8.3.1): type and subtype, and perhaps parameters of
    /// printable ASCII. Without control characters, so that it cannot end the header that it is written into.
    public static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isText("application/json") { return true }
        guard bytes.count <= longest else { return false }
        var rest = bytes[...]
        guard skipToken(&rest), rest.popFirst() == UInt8(ascii: "/"), skipToken(&rest) else { return false }
        while rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "\t") { rest.removeFirst() }
        guard let next = rest.first else { return true }
        return next == UInt8(ascii: ";") && rest.allSatisfy { (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\t") }
    }

    /// The same of a text.
    public static func isWellFormed(_ text: String) -> Bool {
        // A no-op for every string but one that came from Objective-C, which there is none of.
        var text = text
        return text.withUTF8 { isWellFormed(UnsafeRawBufferPointer($0)) }
    }

    /// Steps over a token (RFC 9110 section 5.6.2), which is not empty.
    private static func skipToken(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let before = rest.count
        while let byte = rest.first, Token.contains(byte) { rest.removeFirst() }
        return rest.count < before
    }
}
