/// What a field's name and value may consist of (RFC 9110 section 5). Anything else is never written: a line break in a
/// value would let its author add a field or a request.
public enum FieldSyntax {
    /// Whether a name is a token (RFC 9110 section 5.6.2).
    public static func isName(_ name: String) -> Bool { Token.isToken(name) }

    /// Whether a value has no control characters other than the tab (RFC 9110 section 5.5).
    public static func isValue(_ value: String) -> Bool {
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var value = value
        return value.withUTF8 { bytes in
            for byte in bytes where !isValueByte(byte) { return false }
            return true
        }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    /// Whether a field describes the connection or the framing of a message, and so is not forwarded (RFC 9110 section
    /// 7.6.1).
    public static func belongsToConnection(_ name: String) -> Bool {
        belongsToConnection(name.utf8.count, name.equalsIgnoringCase)
    }

    /// The same for a name that has `count` bytes.
    ///
    /// - Parameter isNamed: whether the name is the given one, which is in lower case.
    public static func belongsToConnection(_ count: Int, _ isNamed: (StaticString) -> Bool) -> Bool {
        switch count {
        case 2: isNamed("te")
        case 4: isNamed("host")
        case 6: isNamed("expect")
        case 7: isNamed("upgrade") || isNamed("trailer")
        case 10: isNamed("connection") || isNamed("keep-alive")
        case 14: isNamed("content-length")
        case 16: isNamed("proxy-connection")
        case 17: isNamed("transfer-encoding")
        case 18: isNamed("proxy-authenticate")
        case 19: isNamed("proxy-authorization")
        default: false
        }
    }

    /// Whether a field of a request carries the caller's credentials for the gateway.
    public static func isCredential(_ name: String) -> Bool {
        switch name.utf8.count {
        case 6: name.equalsIgnoringCase("cookie")
        case 7: name.equalsIgnoringCase("api-key")
        case 9: name.equalsIgnoringCase("x-api-key")
        case 13: name.equalsIgnoringCase("authorization")
        case 17: name.equalsIgnoringCase("x-litellm-api-key")
        default: false
        }
    }

    /// Converts an ASCII letter to lower case, and leaves any other byte as it is.
    @inlinable
    public static func lowered(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}

extension String {
    /// Whether the two are equal, ignoring the case of ASCII letters.
    public func isSameField(as other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { FieldSyntax.lowered($0) == FieldSyntax.lowered($1) }
    }
}
