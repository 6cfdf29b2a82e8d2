/// The value of a Host field: `uri-host [ ":" port ]` (RFC 9112 section 3.2, RFC 3986 section 3.2.2).
///
/// It is stricter than the grammar in one point: a comma is refused, because intermediaries join repeated fields with
/// it.
public enum HostField {
    /// The greatest length of a host in bytes: 253 for a name, and a port.
    public static let longest = 300

    /// Whether the bytes are a name or an IPv4 address with an optional port, written only with letters, digits, `-`
    /// and `.`, as nearly every client writes it. It is never true of what `isValid` refuses, and cheap, since it
    /// examines eight bytes at a time.
    @inlinable @inline(__always)
    public static func isPlain(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var end = range.upperBound
        let start = range.lowerBound
        // The port, unless it is very long.
        var at = end
        while at > start, end &- at < 5, bytes[at &- 1] &- UInt8(ascii: "0") < 10 { at &-= 1 }
        if at > start, bytes[at &- 1] == UInt8(ascii: ":") {
            if end &- at == 5, bytes[at] > UInt8(ascii: "5") { return false }
            end = at &- 1
        }
        guard end > start, end &- start <= 253 else { return false }
        at = start
        while true {
            let rest = end &- at
            // Words may overlap. A short value is preceded by its field's name, whose bytes may be read.
            let from = rest >= 8 ? at : end &- 8
            guard from >= 0 else { return false }
            var word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: from, as: UInt64.self))
            if from < start {
                word = word >> UInt64(8 * (start &- from)) | ~(UInt64.max >> UInt64(8 * (start &- from))) & plainWord
            }
            guard unlikely(word) == 0 else { return false }
            guard rest > 8 else { return true }
            at &+= 8
        }
    }

    @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @inlinable static var plainWord: UInt64 { ones &* UInt64(UInt8(ascii: "a")) }

    /// The top bit of every byte that is not a letter, a digit, `-` or `.`. In a byte whose top bit is clear, a sum
    /// sets that bit from some byte on, and never carries into the next byte.
    @inlinable @inline(__always)
    static func unlikely(_ word: UInt64) -> UInt64 {
        let low = word & (ones &* 0x7F)
        let small = low | (ones &* 0x20)
        let letters = (small &+ ones &* (0x80 - 0x61)) & ~(small &+ ones &* (0x80 - 0x7B))
        let digits = (low &+ ones &* (0x80 - 0x30)) & ~(low &+ ones &* (0x80 - 0x3A))
        let marks = (low &+ ones &* (0x80 - 0x2D)) & ~(low &+ ones &* (0x80 - 0x2F))
        return (~(letters | digits | marks) | word) & (ones &* 0x80)
    }

    /// Whether the bytes are one host with an optional port.
    public static func isValid(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard (1...longest).contains(range.count) else { return false }
        if bytes[range.lowerBound] == UInt8(ascii: "[") { return isAddress6(bytes, range) }
        var at = range.lowerBound
        while at < range.upperBound, bytes[at] != UInt8(ascii: ":") {
            if bytes[at] == UInt8(ascii: "%") {
                guard at + 2 < range.upperBound, isHexadecimal(bytes[at + 1]), isHexadecimal(bytes[at + 2]) else {
                    return false
                }
                at += 3
            } else {
                guard isPlain(bytes[at]) || isRare(bytes[at]) else { return false }
                at += 1
            }
        }
        guard at > range.lowerBound else { return false }
        return at == range.upperBound || isPort(bytes, at + 1..<range.upperBound)
    }

    /// Whether the bytes are an IPv6 address in brackets. The number of groups is not checked, since the address is not
    /// used.
    private static func isAddress6(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard let end = bytes[range].firstIndex(of: UInt8(ascii: "]")) else { return false }
        let address = bytes[range.lowerBound + 1..<end]
        guard (2...45).contains(address.count), address.contains(UInt8(ascii: ":")),
            address.allSatisfy({ isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
        else { return false }
        if end + 1 == range.upperBound { return true }
        return bytes[end + 1] == UInt8(ascii: ":") && isPort(bytes, end + 2..<range.upperBound)
    }

    /// The grammar allows a port without digits.
    private static func isPort(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard range.count <= 5 else { return false }
        var port = 0
        for byte in bytes[range] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return false }
            port = port * 10 + Int(digit)
        }
        return port <= 65_535
    }

    /// A bit for each byte that is a letter, a digit, `-` or `.`.
    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x03FF_6000_0000_0000 : byte < 128 ? 0x07FF_FFFE_07FF_FFFE : 0
        return bits >> UInt64(byte & 63) & 1 == 1
    }

    private static func isRare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
