public import Glibc

/// Text that stands in a message as it came, read without making a String of it.
extension UnsafeRawBufferPointer {
    /// Whether the bytes of `range` are `lower` but for the case of ASCII letters. `lower` is in lower case.
    @inlinable
    public func equalsIgnoringCase(_ range: Range<Int>, _ lower: StaticString) -> Bool {
        guard range.count == lower.utf8CodeUnitCount, range.upperBound <= count else { return false }
        for index in 0..<range.count {
            let byte = self[range.lowerBound + index]
            guard (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == lower.utf8Start[index] else { return false }
        }
        return true
    }

    /// Whether the bytes are those of `text`.
    @inlinable
    public func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && agrees(with: text)
    }

    /// Whether the bytes and `text` are the same as far as both go.
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

    /// The number that `range` is the usual spelling of: digits alone, no zero in front; nil otherwise, or if it is larger
    /// than any length that would be read.
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
