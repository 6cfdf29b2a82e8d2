import HTTPSyntax
import NIOCore
import Text

/// Reads a body in chunks (RFC 9112 section 7.1), whatever pieces its bytes come in.
///
/// Sizes are hexadecimal digits; extensions are skipped and trailer fields read and dropped, both within a limit. Lines end with
/// CRLF and nothing else.
struct ChunkedBody {
    enum Step {
        case bytes(ByteBuffer)
        /// The last chunk and the trailer section were read.
        case end
        case needsMore
    }

    private enum Course {
        case size
        case data(Int)
        /// The line end behind a chunk's data.
        case dataEnd
        case trailers
        case over
    }

    private var course = Course.size
    /// Bytes that the rest of the body may have.
    private var room: Int
    /// Bytes of trailer fields so far.
    private var trailerBytes = 0

    /// Bytes of the line that states a chunk's size, and of all trailer fields together.
    static let longestLine = 1024
    static let mostTrailerBytes = 8 * 1024

    /// - Parameter limit: bytes that the body may have.
    init(limit: Int) {
        room = limit
    }

    mutating func next(_ bytes: inout ByteBuffer) throws(MalformedRequest) -> Step {
        while true {
            switch course {
            case .size:
                guard let line = try line(&bytes, limit: Self.longestLine) else { return .needsMore }
                let size = try line.reading { (line) throws(MalformedRequest) in try Self.size(line) }
                // Refused by what it says, before it comes.
                guard size <= room else { throw .bodyTooLarge }
                room -= size
                course = size == 0 ? .trailers : .data(size)
            case .data(let rest):
                guard let part = bytes.readSlice(length: min(rest, bytes.readableBytes)), part.readableBytes > 0 else {
                    return .needsMore
                }
                course = part.readableBytes == rest ? .dataEnd : .data(rest - part.readableBytes)
                return .bytes(part)
            case .dataEnd:
                guard bytes.readableBytes >= 2 else { return .needsMore }
                guard let end = bytes.readBytes(length: 2), end == [0x0D, 0x0A] else {
                    throw .chunk("a chunk is not followed by a line end")
                }
                course = .size
            case .trailers:
                guard let line = try line(&bytes, limit: Self.mostTrailerBytes - trailerBytes) else {
                    return .needsMore
                }
                if line.readableBytes == 0 {
                    course = .over
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

    /// The next line without its end; nil if it is not complete. Each call looks at the bytes of an unfinished line again,
    /// of which there are `limit` at most.
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

    /// `1*HEXDIG`, then extensions.
    private static func size(_ line: UnsafeRawBufferPointer) throws(MalformedRequest) -> Int {
        var size = 0
        var at = 0
        while at < line.count, let digit = hexadecimal(line[at]) {
            // Below what an Int holds, and more than any body has.
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

    /// A field that says nothing of the message's length, which has been read by then.
    private static func isField(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            !line.equalsIgnoringCase(0..<colon, "content-length"),
            !line.equalsIgnoringCase(0..<colon, "transfer-encoding")
        else { return false }
        return line[..<colon].allSatisfy(Token.contains)
            && line[colon...].allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
