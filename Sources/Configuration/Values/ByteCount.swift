/// A number of bytes as people write it, on the command line as in the file: `64KB`, `4MB`, `1GiB`, all powers of 1024.
public struct ByteCount: Sendable, Hashable {
    public let bytes: Int

    /// Nil: it is no such number, or less than one byte, or more than a tebibyte.
    public init?(_ text: String) {
        guard let bytes = Quantity.size.read(text: text), bytes >= 1, bytes <= 0x1p40,
            let whole = Int(exactly: bytes.rounded())
        else { return nil }
        self.bytes = whole
    }
}
