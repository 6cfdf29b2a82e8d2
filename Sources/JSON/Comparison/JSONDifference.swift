/// A place in which two bodies differ, as a cache key sees them.
public struct JSONDifference: Sendable, Hashable {
    /// What is different.
    public enum Kind: Sendable, Hashable {
        /// A value that both keys cover, or that only one of the bodies has.
        case value
        /// A member that neither key covers, and that differs or that only one of the bodies has.
        case leftOut
        /// The order of an object's members, which no key covers.
        case order
        /// The spelling of a number, of the same value.
        case number
        /// The escapes of a string or of a member's name, of the same content.
        case escapes
    }

    /// What is different.
    public let kind: Kind
    /// The place as a JSON Pointer (RFC 6901), of at most `JSONPointer.longest` bytes: a longer one ends with `…`.
    public let path: String
    /// The bytes of the value in the first body. It is nil where there is none, or where it is not covered by the key.
    public let first: Range<Int>?
    /// The same in the second body.
    public let second: Range<Int>?

    /// A difference that was found at a place.
    public init(kind: Kind, path: String, first: Range<Int>?, second: Range<Int>?) {
        self.kind = kind
        self.path = path
        self.first = first
        self.second = second
    }
}

/// Writes places in a body as JSON Pointers (RFC 6901).
enum JSONPointer {
    /// The greatest length of a pointer in bytes, however long the names in it are.
    static let longest = 1024
    /// The greatest length of a name in a pointer.
    private static let longestName = 200

    /// Appends the name of a member. `~` and `/` are escaped, and a long name is cut.
    static func append(name: JSONText, to pointer: inout [UInt8]) {
        pointer.append(UInt8(ascii: "/"))
        // An escape takes at most six bytes for one byte of content, so the rest need not be decoded.
        let source = JSONText(
            bytes: name.bytes,
            count: name.escaped ? name.count : min(name.count, longestName + 1),
            escaped: name.escaped
        )
        let decoded = source.decoded
        for byte in decoded.prefix(longestName) {
            switch byte {
            case UInt8(ascii: "~"): pointer += "~0".utf8
            case UInt8(ascii: "/"): pointer += "~1".utf8
            default: pointer.append(byte)
            }
        }
        if decoded.count > longestName { pointer += "…".utf8 }
    }

    /// Appends the position of an element.
    static func append(index: Int, to pointer: inout [UInt8]) {
        pointer.append(UInt8(ascii: "/"))
        pointer += String(index).utf8
    }

    /// The text of a pointer. A character that was cut is repaired.
    static func text(_ pointer: [UInt8]) -> String {
        guard pointer.count > longest else { return String(decoding: pointer, as: UTF8.self) }
        return String(decoding: pointer.prefix(longest - 3), as: UTF8.self) + "…"
    }
}
