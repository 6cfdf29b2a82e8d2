public import NIOCore

/// One block of an event stream, as it arrived.
public struct ServerSentEvent: Sendable, Equatable {
    /// All of its bytes, the blank line that ends it included.
    public let raw: ByteBuffer
    /// Its `data` lines, joined by line feeds; nil for a block that has none, such as a comment.
    public let data: ByteBuffer?
    /// The value of its last `event` line.
    public let type: String?

    public init(raw: ByteBuffer, data: ByteBuffer?, type: String? = nil) {
        self.raw = raw
        self.data = data
        self.type = type
    }
}
