import Glibc
import NIOCore

/// Frames on standard input and output: a length of 4 bytes, little-endian, and as many bytes.
enum StandardStreams {
    /// Reads a frame. It is nil where the input has ended.
    static func readFrame() -> ByteBuffer? {
        guard var head = read(4), let length = head.readInteger(endianness: .little, as: UInt32.self) else {
            return nil
        }
        return read(Int(length))
    }

    /// Writes a frame. It returns false where the output is no longer read.
    static func writeFrame(_ frame: ByteBuffer) -> Bool {
        var whole = ByteBuffer(integer: UInt32(frame.readableBytes), endianness: .little)
        whole.writeImmutableBuffer(frame)
        while whole.readableBytes > 0 {
            let count = whole.withUnsafeReadableBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            whole.moveReaderIndex(forwardBy: count)
        }
        return true
    }

    private static func read(_ length: Int) -> ByteBuffer? {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(length)
        while buffer.readableBytes < length {
            let have = buffer.readableBytes
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { room in
                max(0, Glibc.read(0, room.baseAddress, min(room.count, length - have)))
            }
            guard count > 0 else { return nil }
        }
        return buffer
    }
}
