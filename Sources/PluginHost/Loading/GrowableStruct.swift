import PluginAPI

/// Reads structs that the other side may have compiled from an older or a newer header (rule L-1).
enum GrowableStruct {
    /// Copies a struct of `blank`'s type from `pointer`. Fields beyond the end of the writer's struct keep the blank's
    /// value, and fields unknown to the reader are ignored.
    ///
    /// - Parameter size: the size in bytes that the writer states.
    static func read<Struct: BitwiseCopyable>(_ pointer: UnsafeRawPointer, size: Int, over blank: Struct) -> Struct {
        var copy = blank
        withUnsafeMutableBytes(of: &copy) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: pointer, count: min(max(0, size), MemoryLayout<Struct>.size))
            )
        }
        return copy
    }
}
