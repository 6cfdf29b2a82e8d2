import PluginAPI

/// Reading structs that the other side may have compiled from an older or a newer header (rule L-1).
enum GrowableStruct {
    /// A copy of what `pointer` has of `blank`'s type: fields that the writer's struct does not reach keep
    /// the blank's value, and what it has beyond is not looked at.
    ///
    /// - Parameter size: how many bytes the writer says there are.
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
