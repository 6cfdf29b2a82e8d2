import Spelling

/// What an entry may name as the type of its body: whatever is written into a header must be fit for one.
enum ContentType {
    /// A longer one is no content type.
    static let longest = 256

    /// Whether these bytes are a media type (RFC 9110 section 8.3.1): type and subtype, and perhaps parameters of printable
    /// ASCII. Without control characters, so that it cannot end the header that it is written into.
    static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isText("application/json") { return true }
        guard bytes.count <= longest else { return false }
        var rest = bytes[...]
        guard skipToken(&rest), rest.popFirst() == UInt8(ascii: "/"), skipToken(&rest) else { return false }
        while rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "\t") { rest.removeFirst() }
        guard let next = rest.first else { return true }
        return next == UInt8(ascii: ";") && rest.allSatisfy { (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\t") }
    }

    static func isWellFormed(_ text: String) -> Bool {
        // A no-op for every string but one that came from Objective-C, which there is none of.
        var text = text
        return text.withUTF8 { isWellFormed(UnsafeRawBufferPointer($0)) }
    }

    /// Steps over a token (RFC 9110 section 5.6.2), which is not empty.
    private static func skipToken(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let before = rest.count
        while let byte = rest.first, isTokenByte(byte) { rest.removeFirst() }
        return rest.count < before
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
