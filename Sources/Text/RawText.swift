public import Glibc

/// Reads text from the received bytes of a message without making a String of it.
extension UnsafeRawBufferPointer {
    /// Whether the bytes of `range` equal `lower`, ignoring the case of ASCII letters. `lower` is in lower case.
    @inlinable @inline(__always)
    public func equalsIgnoringCase(_ range: Range<Int>, _ lower: StaticString) -> Bool {
        let length = range.count
        guard length == lower.utf8CodeUnitCount, range.lowerBound >= 0, range.upperBound <= count, let baseAddress
        else { return false }
        let text = baseAddress + range.lowerBound
        // Nearly every text is ruled out by its length or its first byte, without a call.
        if length > 0, text.load(as: UInt8.self) | 0x20 != lower.utf8Start.pointee | 0x20 { return false }
        return Self.equalsIgnoringCase(text, UnsafeRawPointer(lower.utf8Start), length)
    }

    @usableFromInline
    static func equalsIgnoringCase(_ text: UnsafeRawPointer, _ lower: UnsafeRawPointer, _ length: Int) -> Bool {
        guard length >= 8 else {
            for index in 0..<length {
                let byte = text.load(fromByteOffset: index, as: UInt8.self)
                guard
                    (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
                        == lower.load(fromByteOffset: index, as: UInt8.self)
                else { return false }
            }
            return true
        }
        // The bytes are compared in words of eight, of which the last may overlap the one before it.
        var at = 0
        while true {
            let word = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard lowercased(word) == lower.loadUnaligned(fromByteOffset: at, as: UInt64.self) else {
                return false
            }
            guard at < length &- 8 else { return true }
            at = Swift.min(at &+ 8, length &- 8)
        }
    }

    /// Converts ASCII capitals in eight bytes to lower case. In a byte whose top bit is clear, adding 0x3F sets that
    /// bit from `A` on, and adding 0x25 sets it after `Z`. No sum carries into the next byte.
    @inline(__always)
    private static func lowercased(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (ones &* 0x7F)
        let isCapital = (low &+ ones &* 0x3F) & ~(low &+ ones &* 0x25) & ~word & (ones &* 0x80)
        return word | isCapital >> 2
    }

    /// Whether the bytes equal those of `text`.
    @inlinable
    public func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && agrees(with: text)
    }

    /// Whether one of the bytes and `text` is a prefix of the other.
    @inlinable
    public func agrees(with text: StaticString) -> Bool {
        guard let baseAddress else { return true }
        return memcmp(baseAddress, text.utf8Start, Swift.min(count, text.utf8CodeUnitCount)) == 0
    }

    /// The text of `range`.
    @inlinable
    public func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: self[range]), as: UTF8.self)
    }

    /// The number in `range`, which must have digits only and no leading zero. It is nil otherwise, or if the number is
    /// larger than any length that would be read.
    public func length(_ range: Range<Int>) -> Int? {
        guard (1...15).contains(range.count), range.count == 1 || self[range.lowerBound] != UInt8(ascii: "0") else {
            return nil
        }
        var number = 0
        for index in range {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }
}
