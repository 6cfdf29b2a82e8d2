public import NIOCore

/// One block of an event stream, as it arrived.
public struct ServerSentEvent: Sendable, Equatable {
    /// All bytes of the event, including the blank line that ends it.
    public let raw: ByteBuffer
    /// The `data` lines, joined by line feeds. It is nil where the block has none, as in a comment.
    public let data: ByteBuffer?
    /// Whether the last `event` line says `error`. Other event names have no meaning here.
    public let isError: Bool

    /// Makes an event. `raw` holds its bytes as they arrived, including the line ends.
    public init(raw: ByteBuffer, data: ByteBuffer?, isError: Bool = false) {
        self.raw = raw
        self.data = data
        self.isError = isError
    }
}
