import Text

/// A size as people write it on the command line and in the file: `64KB`, `4MB`, `1GiB`, all powers of 1024.
public struct ByteCount: Sendable, Hashable {
    /// The number of bytes, from 1 to a tebibyte.
    public let bytes: Int

    /// Reads a size. It is nil where the text is not a size, or the size is less than one byte or more than a tebibyte.
    public init?(_ text: String) {
        guard let bytes = Quantity.bytes(text), (1...1 << 40).contains(bytes) else { return nil }
        self.bytes = Int(bytes)
    }
}
