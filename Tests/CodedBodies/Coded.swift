import CZlib
import CZstd

/// Coded bodies, made by the libraries whose decoders are tested.
public enum Coded {
    /// Codes with gzip.
    public static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        defer { deflateEnd(&stream) }
        var bytes = bytes
        var coded = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        let count = bytes.withUnsafeMutableBufferPointer { input in
            coded.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(coded.prefix(count))
    }

    /// Codes with zstd, in a frame that does not say how long its content is.
    ///
    /// - Parameter windowLog: the logarithm of the window, or 0 for the usual one.
    public static func zstd(_ bytes: [UInt8], windowLog: Int32 = 0) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var coded = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count) + 64)
        let room = coded.count
        let count = bytes.withUnsafeBytes { input in
            coded.withUnsafeMutableBytes { output in
                var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: room, pos: 0)
                while ZSTD_compressStream2(context, &target, &source, ZSTD_e_end) != 0 {}
                return target.pos
            }
        }
        return Array(coded.prefix(count))
    }
}
