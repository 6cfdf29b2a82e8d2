import CZlib

/// Decodes gzip with zlib.
struct GzipDecoder: ~Copyable {
    /// zlib keeps its address, so that it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// The greatest window, and 16 for the format of gzip alone.
    private static let windowBits: Int32 = 15 + 16

    /// It is nil where there is no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decodes as much as there is room for. The input must be all that remains of the body, and the output not empty.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecodingStep {
        let (inputSize, outputSize) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        // zlib does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = inputSize
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = outputSize
        while true {
            let result = inflate(stream, Z_NO_FLUSH)
            let read = Int(inputSize - stream.pointee.avail_in)
            let written = Int(outputSize - stream.pointee.avail_out)
            switch result {
            case Z_STREAM_END where read == input.count: return .end(written: written)
            // Another member follows (RFC 1952 section 2.2), or bytes that are none, which it refuses.
            case Z_STREAM_END: guard inflateReset(stream) == Z_OK else { return .malformed }
            case Z_OK where stream.pointee.avail_out == 0: return .more(read: read, written: written)
            case Z_OK where stream.pointee.avail_in > 0: continue
            // The output is full, or the input ends too early.
            case Z_BUF_ERROR where stream.pointee.avail_out == 0: return .more(read: read, written: written)
            default: return .malformed
            }
        }
    }
}
