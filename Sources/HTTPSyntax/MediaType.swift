import Text

/// The syntax of a Content-Type field (RFC 9110 section 8.3), which is checked before a value is written into a header.
public enum MediaType {
    /// The greatest accepted length in bytes.
    public static let longest = 256

    /// Whether these bytes are a media type (RFC 9110 section 8.3.1): type, subtype and optional parameters of
    /// printable ASCII. Control characters are refused, so that it cannot end the header that it is written into.
    public static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isText("application/json") { return true }
        guard bytes.count <= longest else { return false }
        var rest = bytes[...]
        guard skipToken(&rest), rest.popFirst() == UInt8(ascii: "/"), skipToken(&rest) else { return false }
        while rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "\t") { rest.removeFirst() }
        guard let next = rest.first else { return true }
        return next == UInt8(ascii: ";") && rest.allSatisfy { (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\t") }
    }

    /// The same for a text.
    public static func isWellFormed(_ text: String) -> Bool {
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var text = text
        return text.withUTF8 { isWellFormed(UnsafeRawBufferPointer($0)) }
    }

    /// Steps over a token (RFC 9110 section 5.6.2), which must not be empty.
    private static func skipToken(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let before = rest.count
        while let byte = rest.first, Token.contains(byte) { rest.removeFirst() }
        return rest.count < before
    }
}
