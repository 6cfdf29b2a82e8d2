/// Walks over the field lines of a message's head (RFC 9112 section 5) as long as they are written plainly: a token, a
/// colon, spaces, visible ASCII, CRLF. Everything else, whether the grammar allows it or not, is `unusual`.
///
/// Every read is preceded by a comparison with `count`; nothing is allocated.
public struct FieldLines {
    /// What the walk found at its position.
    public enum Step: Equatable {
        /// A field line with its name and value, which was stepped over.
        case field(name: Range<Int>, value: Range<Int>)
        /// The blank line after the last field, which was stepped over.
        case end
        /// The bytes end before the line does.
        case incomplete
        /// The line is not written plainly, or is not a field line.
        case unusual
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where the next line begins.
    public private(set) var position: Int

    /// - Parameters:
    ///   - bytes: the head, which must stay valid while this is used.
    ///   - position: where the first line begins.
    public init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// Steps over the next line if it is complete and written plainly. Otherwise the position does not change.
    public mutating func next() -> Step {
        let count = bytes.count
        var at = position
        guard at < count else { return .incomplete }
        if bytes[at] == Self.carriageReturn {
            guard at + 1 < count else { return .incomplete }
            guard bytes[at + 1] == Self.lineFeed else { return .unusual }
            position = at + 2
            return .end
        }
        skip(Self.unlikely, &at)
        while at < count, Token.contains(bytes[at]) { at &+= 1 }
        guard at < count else { return .incomplete }
        guard at > position, bytes[at] == UInt8(ascii: ":") else { return .unusual }
        let name = position..<at
        at &+= 1
        while at < count, bytes[at] == Self.space { at &+= 1 }
        let start = at
        skip(Self.invisible, &at)
        while at < count, bytes[at] &- 0x20 < 0x5F { at &+= 1 }
        guard at + 1 < count else { return .incomplete }
        guard bytes[at] == Self.carriageReturn, bytes[at + 1] == Self.lineFeed,
            at == start || bytes[at - 1] != Self.space
        else { return .unusual }
        position = at + 2
        return .field(name: name, value: start..<at)
    }

    /// Steps, eight bytes at a time, to the first byte that `stops` marks, or to where fewer than eight bytes are left.
    @inline(__always)
    private func skip(_ stops: (UInt64) -> UInt64, _ at: inout Int) {
        while bytes.count &- at >= 8 {
            let found = stops(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            at &+= found.trailingZeroBitCount / 8
            if found != 0 { return }
        }
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// The top bit of every byte that is neither a space nor visible ASCII: below 0x20, or above 0x7E. Bits above the
    /// lowest set one may be set by a borrow or a carry. The lowest is always right, and its byte is the first in
    /// memory.
    @inline(__always)
    private static func invisible(_ word: UInt64) -> UInt64 {
        let below = (word &- ones &* 0x20) & ~word
        let above = word | (word &+ ones)
        return (below | above) & (ones &* 0x80)
    }

    /// The top bit of every byte that is not a letter or `-`, of which nearly every name consists. In a byte whose top
    /// bit is clear, a sum sets that bit from some byte on, and never carries into the next byte.
    @inline(__always)
    private static func unlikely(_ word: UInt64) -> UInt64 {
        let low = word & (ones &* 0x7F)
        let small = low | (ones &* 0x20)
        let letters = (small &+ ones &* (0x80 - 0x61)) & ~(small &+ ones &* (0x80 - 0x7B))
        // Every byte but a hyphen sets a bit here, so that the sum sets the top bit.
        let others = (low ^ ones &* 0x2D) &+ ones &* 0x7F
        return (~letters & others | word) & (ones &* 0x80)
    }
}
