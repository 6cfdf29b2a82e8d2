import Text

/// A number of bytes as people write it, on the command line as in the file: `64KB`, `4MB`, `1GiB`, all powers of 1024.
public struct ByteCount: Sendable, Hashable {
    /// From 1 to a tebibyte.
    public let bytes: Int

    /// Nil: it is no such number, or less than one byte, or more than a tebibyte.
    public init?(_ text: String) {
        guard let bytes = Quantity.bytes(text), (1...1 << 40).contains(bytes) else { return nil }
        self.bytes = Int(bytes)
    }
}
