import CZstd

/// Decodes Zstandard with libzstd.
struct ZstdDecoder: ~Copyable {
    private let context: OpaquePointer

    /// The logarithm of the greatest window that a decoder of this coding has to support, and supports here (RFC 9659).
    /// A frame may ask for a larger one, which would take as much memory.
    private static let longestWindow: Int32 = 23

    /// It is nil where there is no memory.
    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.longestWindow)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes as much as there is room for. The input must be all that remains of the body, and the output not empty.
    mutating func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecodingStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while true {
            let before = (source.pos, target.pos)
            let result = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(result) == 0 else { return .malformed }
            // A frame has ended. Another may follow.
            if result == 0, source.pos == source.size { return .end(written: target.pos) }
            if target.pos == target.size { return .more(read: source.pos, written: target.pos) }
            // The input ends too early.
            if source.pos == source.size || (source.pos, target.pos) == before { return .malformed }
        }
    }
}
