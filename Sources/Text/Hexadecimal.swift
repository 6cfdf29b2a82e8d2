/// Writes lower-case hexadecimal digits, four bytes at a time in one word, because a key is written for every request.
public enum Hexadecimal {
    /// Writes two digits for each byte.
    ///
    /// - Parameter text: memory for twice as many bytes.
    public static func write(_ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableRawPointer) {
        var position = 0
        while bytes.count - position >= 4 {
            let four = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            text.storeBytes(
                of: digits(ofLittleEndian: UInt32(littleEndian: four)).littleEndian,
                toByteOffset: 2 * position,
                as: UInt64.self
            )
            position += 4
        }
        while position < bytes.count {
            let pair = digits(ofLittleEndian: UInt32(bytes[position]))
            text.storeBytes(
                of: UInt16(truncatingIfNeeded: pair).littleEndian,
                toByteOffset: 2 * position,
                as: UInt16.self
            )
            position += 1
        }
    }

    /// Writes the sixteen digits of a number, the most significant first.
    ///
    /// - Parameter text: memory for sixteen bytes.
    @inline(__always)
    public static func write(_ number: UInt64, to text: UnsafeMutableRawPointer) {
        let swapped = number.byteSwapped
        let first = digits(ofLittleEndian: UInt32(truncatingIfNeeded: swapped))
        let last = digits(ofLittleEndian: UInt32(truncatingIfNeeded: swapped >> 32))
        text.storeBytes(of: first.littleEndian, as: UInt64.self)
        text.storeBytes(of: last.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// The eight digits of four bytes, with the first digit in the lowest byte.
    @inline(__always)
    private static func digits(ofLittleEndian four: UInt32) -> UInt64 {
        // Each byte is first placed in 16 bits, and then each half of it in a byte, the upper half first.
        var word = UInt64(four)
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        let halves = (word >> 4 & 0x000F_000F_000F_000F) | (word & 0x000F_000F_000F_000F) << 8
        // A half above 9 becomes a letter, whose code is 39 greater than the digits would give.
        let letters = (halves &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return halves &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}
