import NIOCore

/// Identifiers for the answers that the gateway makes itself: 64 bits, unique within a loop's life and unlikely to
/// meet another's. They name a request in logs and grant nothing.
struct RequestIDs {
    private var next: UInt64 = .random(in: .min ... .max)

    /// Writes `x-request-id: 0123456789abcdef` and the line's end.
    mutating func writeLine(to buffer: inout ByteBuffer) {
        next &+= 0x9E37_79B9_7F4A_7C15
        buffer.writeStaticString("x-request-id: ")
        var digits: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var rest = next
            for index in digits.indices.reversed() {
                let nibble = UInt8(truncatingIfNeeded: rest & 0xF)
                digits[index] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                rest >>= 4
            }
            buffer.writeBytes(UnsafeRawBufferPointer(digits))
        }
        buffer.writeStaticString("\r\n")
    }
}
