public import NIOCore

/// One block of an event stream, as it arrived.
public struct ServerSentEvent: Sendable, Equatable {
    /// All of its bytes, the blank line that ends it included.
    public let raw: ByteBuffer
    /// Its `data` lines, joined by line feeds; nil for a block that has none, such as a comment.
    public let data: ByteBuffer?
    /// Whether its last `event` line says `error`. What else it may say means nothing here.
    public let isError: Bool

    /// An event with the bytes that it came as, line ends and all.
    public init(raw: ByteBuffer, data: ByteBuffer?, isError: Bool = false) {
        self.raw = raw
        self.data = data
        self.isError = isError
    }
}
