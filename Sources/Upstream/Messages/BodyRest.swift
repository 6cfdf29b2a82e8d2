import NIOCore

/// The rest of a request's body, which follows as it is received: see `UpstreamCall.send(body:)`.
public struct BodyRest: Sendable, Equatable {
    /// Its length in bytes. It is nil where the client did not state it, so that the body is sent in chunks (RFC 9112
    /// section 7.1).
    public var length: Int?

    public init(length: Int?) {
        self.length = length
    }

    /// A part of the body as it is sent. It has no empty pieces, because a chunk without bytes would end the body.
    func framed(_ pieces: [ByteBuffer]) -> [ByteBuffer] {
        let count = pieces.reduce(0) { $0 + $1.readableBytes }
        guard length == nil, count > 0 else { return pieces.filter { $0.readableBytes > 0 } }
        return [ByteBuffer(string: String(count, radix: 16) + "\r\n")] + pieces + [ByteBuffer(string: "\r\n")]
    }

    /// What follows the last part of the body.
    var end: [ByteBuffer] { length == nil ? [ByteBuffer(staticString: "0\r\n\r\n")] : [] }
}
