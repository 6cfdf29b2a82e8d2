/// A key of 32 bytes, which is never printed.
public struct SecretKey: Sendable, Hashable {
    /// The bytes, for the one place that uses them.
    public let bytes: [UInt8]

    /// Reads 44 characters of base64 (RFC 4648 section 4) or 64 hexadecimal digits. It is nil for any other text.
    public init?(_ text: String) {
        let text = Array(text.utf8)
        guard let bytes = text.count == 64 ? SecretKey.hexadecimal(text) : SecretKey.base64(text) else { return nil }
        self.bytes = bytes
    }

    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }

    /// Reads 43 digits and one `=`. The last digit has two bits that belong to no byte, and they must be zero.
    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        guard text.count == 44, text.last == UInt8(ascii: "=") else { return nil }
        var bytes: [UInt8] = []
        var rest: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.dropLast() {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): digit = 62
            case UInt8(ascii: "/"): digit = 63
            default: return nil
            }
            rest = rest << 6 | UInt32(digit)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: rest >> bits))
            rest &= 1 << bits - 1
        }
        return rest == 0 ? bytes : nil
    }
}

extension SecretKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    /// The mirror has no children, so that `dump` and string interpolation of an enclosing value show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
