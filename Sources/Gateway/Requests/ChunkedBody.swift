import HTTPSyntax
import NIOCore
import Text

/// Reads a body in chunks (RFC 9112 section 7.1), however its bytes are divided.
///
/// Sizes are hexadecimal digits. Extensions are skipped and trailer fields are read and dropped, both within a limit.
/// Lines end only with CRLF.
struct ChunkedBody {
    enum Step {
        case bytes(ByteBuffer)
        /// The last chunk and the trailer section were read.
        case end
        case needsMore
    }

    private enum Stage {
        case size
        case data(Int)
        /// The reader is at the line end after a chunk's data.
        case dataEnd
        case trailers
        case over
    }

    private var stage = Stage.size
    /// How many bytes the rest of the body may have.
    private var room: Int
    /// How many bytes of trailer fields have been read.
    private var trailerBytes = 0

    /// The greatest length in bytes of the line that states a chunk's size, and of all trailer fields together.
    static let longestLine = 1024
    static let mostTrailerBytes = 8 * 1024

    /// - Parameter limit: the greatest size of the body in bytes.
    init(limit: Int) {
        room = limit
    }

    mutating func next(_ bytes: inout ByteBuffer) throws(MalformedRequest) -> Step {
        while true {
            switch stage {
            case .size:
                guard let line = try line(&bytes, limit: Self.longestLine) else { return .needsMore }
                let size = try line.reading { (line) throws(MalformedRequest) in try Self.size(line) }
                // A chunk is refused because of its stated size, before its data is received.
                guard size <= room else { throw .bodyTooLarge }
                room -= size
                stage = size == 0 ? .trailers : .data(size)
            case .data(let rest):
                guard let part = bytes.readSlice(length: min(rest, bytes.readableBytes)), part.readableBytes > 0 else {
                    return .needsMore
                }
                stage = part.readableBytes == rest ? .dataEnd : .data(rest - part.readableBytes)
                return .bytes(part)
            case .dataEnd:
                guard bytes.readableBytes >= 2 else { return .needsMore }
                guard let end = bytes.readBytes(length: 2), end == [0x0D, 0x0A] else {
                    throw .chunk("a chunk is not followed by a line end")
                }
                stage = .size
            case .trailers:
                guard let line = try line(&bytes, limit: Self.mostTrailerBytes - trailerBytes) else {
                    return .needsMore
                }
                if line.readableBytes == 0 {
                    stage = .over
                    return .end
                }
                trailerBytes += line.readableBytes + 2
                guard line.withUnsafeReadableBytes(Self.isField) else {
                    throw .chunk("a trailer field is malformed")
                }
            case .over: return .end
            }
        }
    }

    /// Reads the next line without its end. It is nil if the line is not complete. Each call examines the bytes of an
    /// unfinished line again, of which there are at most `limit`.
    private func line(_ bytes: inout ByteBuffer, limit: Int) throws(MalformedRequest) -> ByteBuffer? {
        guard let length = bytes.readableBytesView.prefix(limit).firstIndex(of: 0x0A) else {
            guard bytes.readableBytes < limit else { throw .chunk("a line is too long") }
            return nil
        }
        let count = length - bytes.readerIndex
        guard count > 0, bytes.getInteger(at: length - 1, as: UInt8.self) == 0x0D,
            let line = bytes.readSlice(length: count - 1)
        else { throw .chunk("a line does not end with CRLF") }
        bytes.moveReaderIndex(forwardBy: 2)
        return line
    }

    /// Reads `1*HEXDIG`, which extensions may follow.
    private static func size(_ line: UnsafeRawBufferPointer) throws(MalformedRequest) -> Int {
        var size = 0
        var at = 0
        while at < line.count, let digit = hexadecimal(line[at]) {
            // The size must fit an Int, and this bound is greater than any body.
            guard size >> 56 == 0 else { throw .bodyTooLarge }
            size = size << 4 | digit
            at += 1
        }
        guard at > 0 else { throw .chunk("a size is not hexadecimal") }
        if at == line.count { return size }
        guard at < line.count, line[at] == UInt8(ascii: ";"),
            line[at...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else {
            throw .chunk("something stands behind a size that is no extension")
        }
        return size
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// Whether a trailer line is a field that does not concern the message's length, which is known by then.
    private static func isField(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            !line.equalsIgnoringCase(0..<colon, "content-length"),
            !line.equalsIgnoringCase(0..<colon, "transfer-encoding")
        else { return false }
        return line[..<colon].allSatisfy(Token.contains)
            && line[colon...].allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
