/// A position in the source, with the steps that look only at the next byte.
///
/// Every read is preceded by a comparison of `position` with `count`; `bytes` is valid for `count` bytes.
struct JSONCursor {
    let bytes: UnsafePointer<UInt8>
    let count: Int
    var position = 0

    /// The byte at the cursor, or 0 at the end: no rule of the grammar starts with a NUL, so both fail alike.
    var byte: UInt8 { position < count ? bytes[position] : 0 }

    /// Usually there is no white space.
    @inline(__always)
    mutating func skipWhiteSpace() {
        if position < count, bytes[position] <= 0x20 { stepOverWhiteSpace() }
    }

    private mutating func stepOverWhiteSpace() {
        while position < count {
            let byte = bytes[position]
            // The four white space characters of RFC 8259, section 2, are all below or at the space.
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }

    /// Steps over `true`, `false` or `null`.
    mutating func scanLiteral(_ literal: StaticString) throws(JSONFault) {
        let length = literal.utf8CodeUnitCount
        for index in 0..<length where position + index >= count || bytes[position + index] != literal.utf8Start[index] {
            throw JSONFault(.invalidLiteral, at: position)
        }
        position &+= length
    }

    /// Steps over a number (RFC 8259, section 6). Its size does not matter, since nothing is computed here.
    mutating func scanNumber() throws(JSONFault) {
        let start = position
        if byte == UInt8(ascii: "-") { position &+= 1 }
        if byte == UInt8(ascii: "0") {
            position &+= 1
        } else {
            try scanDigits(of: start)
        }
        if byte == UInt8(ascii: ".") {
            position &+= 1
            try scanDigits(of: start)
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position &+= 1 }
            try scanDigits(of: start)
        }
        // What the grammar does not accept in `01`, `1.e2` or `1x` is an error of the number, not of the comma after
        // it.
        if JSONCursor.continuesNumber(byte) { throw JSONFault(.invalidNumber, at: start) }
    }

    /// Steps over at least one digit.
    private mutating func scanDigits(of number: Int) throws(JSONFault) {
        let start = position
        while position < count, bytes[position] &- 0x30 < 10 { position &+= 1 }
        if position == start { throw JSONFault(.invalidNumber, at: number) }
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "-")
    }
}
