public import NIOCore

/// Why a body was not expanded.
public enum ExpansionFailure: Error, Equatable {
    /// It is damaged, ends too early, or has something behind its end.
    case malformed
    /// It is larger than the limit.
    case tooLarge
    /// There is no room in memory.
    case outOfMemory
}

extension ContentCoding {
    /// How many bytes are expanded at a time.
    static let step = 64 * 1024

    /// Expands a whole body. It stops as soon as the limit is passed, and takes time in proportion to what it has read
    /// and written until then. Several members of gzip, or frames of zstd, may follow each other.
    ///
    /// - Parameters:
    ///   - limit: the greatest size of the expanded body in bytes.
    ///   - reserve: asks for that many bytes more of memory, before they are written. The sum is at most one step more
    ///     than the body's size.
    public func expand(
        _ body: ByteBuffer,
        limit: Int,
        reserve: (Int) -> Bool
    ) throws(ExpansionFailure) -> ByteBuffer {
        switch self {
        case .gzip:
            guard var decoder = GzipDecoder() else { throw .outOfMemory }
            return try Self.expand(body, limit, reserve) { decoder.decode($0, into: $1) }
        case .zstd:
            guard var decoder = ZstdDecoder() else { throw .outOfMemory }
            return try Self.expand(body, limit, reserve) { decoder.decode($0, into: $1) }
        }
    }

    private static func expand(
        _ body: ByteBuffer,
        _ limit: Int,
        _ reserve: (Int) -> Bool,
        _ decode: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> DecodingStep
    ) throws(ExpansionFailure) -> ByteBuffer {
        var body = body
        var expanded = ByteBuffer()
        while true {
            // One byte more than allowed shows that the limit is passed.
            let room = min(step, limit + 1 - expanded.readableBytes)
            guard reserve(room) else { throw .outOfMemory }
            var outcome = DecodingStep.malformed
            expanded.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { output in
                let output = UnsafeMutableRawBufferPointer(rebasing: output[..<room])
                outcome = body.withUnsafeReadableBytes { decode($0, output) }
                return outcome.written
            }
            guard expanded.readableBytes <= limit else { throw .tooLarge }
            switch outcome {
            case .malformed: throw .malformed
            case .end: return expanded
            case .more(let read, _): body.moveReaderIndex(forwardBy: read)
            }
        }
    }
}

/// What a decoder has done with the bytes that it was given.
enum DecodingStep {
    /// It has read and written so many bytes, and there is more to come.
    case more(read: Int, written: Int)
    /// It has read everything, and written so many bytes.
    case end(written: Int)
    case malformed

    var written: Int {
        switch self {
        case .more(_, let written), .end(let written): written
        case .malformed: 0
        }
    }
}
