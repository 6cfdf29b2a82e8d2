/// Writes bytes to be hashed, among them values in their canonical form (see `CanonicalEncoder`), into memory that is
/// reused. It belongs to one event loop, and is not `Sendable`.
///
/// At most 1 MiB of the memory that a huge body needed is kept. This is a class and not a generic buffer, because
/// generic types across targets are expensive (decision 0014).
public final class CanonicalWriter {
    /// The size in bytes above which memory for a body's canonical form is reserved at once.
    private static let largeBody = 64 * 1024

    private var encoder = CanonicalEncoder()
    private var out = Scratch<UInt8>(initial: 4096, kept: 1 << 20)

    public init() {}

    /// Everything written since `reset()`. The bytes are valid until the next call of the writer.
    public var bytes: UnsafeRawBufferPointer { out.bytes }

    /// Discards what has been written, and gives back memory beyond what is kept.
    public func reset() {
        out.reset()
    }

    /// Makes room for the canonical form of a large body, which would otherwise be copied each time the memory is
    /// doubled.
    public func reserve(for body: JSONDocument) {
        guard body.byteCount > Self.largeBody else { return }
        out.reserve(body.byteCount + body.byteCount / 8)
    }

    /// Appends one byte.
    public func append(byte: UInt8) {
        out.append(byte)
    }

    /// Appends bytes.
    public func append(_ bytes: UnsafeRawBufferPointer) {
        out.append(bytes)
    }

    /// Appends a value in canonical form, without the members that the document leaves out. It appends nothing where the
    /// node belongs to another document.
    public func append(_ node: JSONNode, of document: JSONDocument) {
        guard document.tapeNode(node) != nil else { return }
        document.withTape { nodes, bytes in
            encoder.encode(node.index, of: nodes, bytes, to: &out)
        }
    }
}
