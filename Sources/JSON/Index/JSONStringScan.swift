/// Scans the inside of strings, which hold nearly all bytes of a request and nearly everything that can be wrong.
extension JSONCursor {
    /// Steps over a string, from its opening quote to after its closing quote, and returns whether it contains an
    /// escape.
    @inline(__always)
    mutating func scanString() throws(JSONFault) -> Bool {
        let start = position
        var escaped = false
        position &+= 1
        while true {
            skipPlainASCII()
            guard position < count else { throw JSONFault(.unterminatedString, at: start) }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position &+= 1
                return escaped
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
                try scanEscape()
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: position)
            } else {
                try scanMultibyte()
            }
        }
    }

    /// Steps over bytes from the space up to 0x7F other than the quote and the backslash.
    ///
    /// It reads eight bytes at a time. With `ones` for 0x01 in every byte, the top bit of a byte of `x - 0x20 * ones`
    /// is set where the byte is a control character; of `(x ^ 0x22 * ones) - ones` where it is a quote, since only 0 -
    /// 1 borrows; of `(x ^ 0x5C * ones) - ones` where it is a backslash; and of `x` where it is not ASCII. A borrow out
    /// of a byte reaches only bytes above one that has already been found, so the lowest top bit is always right, and
    /// it is the first in memory.
    private mutating func skipPlainASCII() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let raw = UnsafeRawPointer(bytes)
        let end = count
        // A copy of the position can stay in a register.
        var at = position
        defer { position = at }
        func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at &+ index &* 8, as: UInt64.self))
        }
        func found(_ x: UInt64) -> UInt64 {
            let control = x &- (ones &* 0x20)
            let quote = (x ^ (ones &* 0x22)) &- ones
            let backslash = (x ^ (ones &* 0x5C)) &- ones
            return control | quote | backslash | x
        }
        // Names and other short strings end in the first word.
        if end &- at >= 8 {
            let stops = found(word(0)) & (ones &* 0x80)
            if stops != 0 {
                at &+= stops.trailingZeroBitCount / 8
                return
            }
            at &+= 8
        }
        // While the text is plain, four words take one branch. Then comes the word that is not plain.
        while end &- at >= 32, (found(word(0)) | found(word(1)) | found(word(2)) | found(word(3))) & (ones &* 0x80) == 0
        {
            at &+= 32
        }
        while end &- at >= 8 {
            let stops = found(word(0)) & (ones &* 0x80)
            if stops != 0 {
                at &+= stops.trailingZeroBitCount / 8
                return
            }
            at &+= 8
        }
        while at < end {
            let byte = bytes[at]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            at &+= 1
        }
    }

    /// Steps over a backslash and what it escapes (RFC 8259, section 7).
    private mutating func scanEscape() throws(JSONFault) {
        let start = position
        position &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 1
        case UInt8(ascii: "u"):
            position &+= 1
            let unit = try scanHexadecimal(of: start)
            guard unit & 0xF800 == 0xD800 else { return }
            // A surrogate: the high half must be followed at once by an escaped low half.
            guard unit < 0xDC00, byte == UInt8(ascii: "\\") else { throw JSONFault(.loneSurrogate, at: start) }
            position &+= 1
            guard byte == UInt8(ascii: "u") else { throw JSONFault(.loneSurrogate, at: start) }
            position &+= 1
            let low = try scanHexadecimal(of: start)
            guard low & 0xFC00 == 0xDC00 else { throw JSONFault(.loneSurrogate, at: start) }
        default:
            throw JSONFault(.invalidEscape, at: start)
        }
    }

    /// Steps over four hexadecimal digits.
    private mutating func scanHexadecimal(of escape: Int) throws(JSONFault) -> UInt32 {
        guard let unit = JSONText.hexadecimal(bytes, at: position, end: count) else {
            throw JSONFault(.invalidEscape, at: escape)
        }
        position &+= 4
        return unit
    }

    /// Steps over one character of two to four bytes: the well-formed sequences of RFC 3629, section 4, and no others.
    private mutating func scanMultibyte() throws(JSONFault) {
        let lead = bytes[position]
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, lowest) = (3, 0xA0)  // below: overlong
        case 0xED: (length, highest) = (3, 0x9F)  // above: surrogates
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, lowest) = (4, 0x90)  // below: overlong
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, highest) = (4, 0x8F)  // above: beyond U+10FFFF
        default: throw JSONFault(.invalidUTF8, at: position)
        }
        guard count &- position >= length, bytes[position &+ 1] >= lowest, bytes[position &+ 1] <= highest else {
            throw JSONFault(.invalidUTF8, at: position)
        }
        for index in 2..<max(length, 2) where bytes[position &+ index] & 0xC0 != 0x80 {
            throw JSONFault(.invalidUTF8, at: position)
        }
        position &+= length
    }
}
