import NIOCore

/// The last bytes of a stream that is relayed without being parsed. It is a value.
struct StreamTail {
    private let endMarks: [StaticString]
    private var bytes: UInt128 = 0

    /// - Parameter endMarks: the texts of which one ends the last event of a stream. They have at most 16 bytes.
    init(endMarks: [StaticString]) {
        self.endMarks = endMarks
    }

    mutating func take(_ more: ByteBuffer) {
        more.withUnsafeReadableBytes { more in
            for byte in more.suffix(16) { bytes = bytes << 8 | UInt128(byte) }
        }
    }

    /// Whether the last event was the one that ends a stream.
    var isDone: Bool {
        var rest = bytes
        while rest & 0xFF == UInt128(UInt8(ascii: "\n")) || rest & 0xFF == UInt128(UInt8(ascii: "\r")) { rest >>= 8 }
        return endMarks.contains { Self.ends(rest, $0) }
    }

    private static func ends(_ bytes: UInt128, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            var rest = bytes
            for byte in text.reversed() {
                guard rest & 0xFF == UInt128(byte) else { return false }
                rest >>= 8
            }
            return true
        }
    }
}
