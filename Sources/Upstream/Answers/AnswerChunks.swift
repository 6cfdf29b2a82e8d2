import NIOCore

/// Decodes a chunked body (RFC 9112 section 7.1) whose chunks have no extensions, and no trailers after the last one.
/// It is a value without a channel.
struct AnswerChunks {
    enum Step: Equatable {
        case piece(ByteBuffer)
        case end
        /// More bytes are needed. The remaining bytes belong in front of the next ones.
        case incomplete
        /// What follows must be read by the general decoder. It begins with the size of a chunk.
        case unusual
        case malformed
    }

    private enum Place {
        case size
        case data(Int)
        case lineEnd
    }

    private var place = Place.size
    /// The greatest number of digits of a size. A chunk whose size has more does not fit into memory.
    private static let mostDigits = 8

    mutating func next(_ bytes: inout ByteBuffer) -> Step {
        while true {
            switch place {
            case .size:
                switch Self.size(bytes) {
                case .size(0, let length):
                    guard let rest = bytes.getBytes(at: bytes.readerIndex + length, length: 2) else {
                        return bytes.readableBytes < 64 ? .incomplete : .unusual
                    }
                    guard rest == [0x0D, 0x0A] else { return .unusual }
                    bytes.moveReaderIndex(forwardBy: length + 2)
                    return .end
                case .size(let count, let length):
                    bytes.moveReaderIndex(forwardBy: length)
                    place = .data(count)
                case .incomplete: return .incomplete
                case .unusual: return .unusual
                }
            case .data(let count):
                guard let piece = bytes.readSlice(length: min(count, bytes.readableBytes)), piece.readableBytes > 0
                else {
                    return .incomplete
                }
                place = piece.readableBytes == count ? .lineEnd : .data(count - piece.readableBytes)
                return .piece(piece)
            case .lineEnd:
                guard bytes.readableBytes >= 2 else { return .incomplete }
                guard bytes.readInteger(as: UInt16.self) == 0x0D0A else { return .malformed }
                place = .size
            }
        }
    }

    private enum SizeLine {
        /// The size of a chunk, and how many bytes its line has.
        case size(Int, length: Int)
        case incomplete
        case unusual
    }

    private static func size(_ bytes: ByteBuffer) -> SizeLine {
        bytes.withUnsafeReadableBytes { bytes in
            var size = 0
            for (index, byte) in bytes.enumerated() {
                switch byte {
                case 0x30...0x39 where index < mostDigits: size = size << 4 | Int(byte - 0x30)
                case 0x61...0x66 where index < mostDigits: size = size << 4 | Int(byte - 0x61 + 10)
                case 0x41...0x46 where index < mostDigits: size = size << 4 | Int(byte - 0x41 + 10)
                case 0x0D where index > 0:
                    guard index + 1 < bytes.count else { return .incomplete }
                    return bytes[index + 1] == 0x0A ? .size(size, length: index + 2) : .unusual
                default: return .unusual
                }
            }
            return .incomplete
        }
    }
}
