import NIOCore
import NIOHTTP1

/// What is read of a request, part by part.
enum RequestPart {
    case head(RequestHead)
    case body(ByteBuffer)
    case end
}

/// The head of a request, as far as it means something to the gateway.
struct RequestHead {
    let method: HTTPMethod
    let target: String
    /// Nil: there is nothing at that target.
    let route: Route?
    let isHTTP10: Bool
    /// Whether the client wants to send another request on this connection.
    let keepsAlive: Bool
    /// Whether the body comes in chunks, so that its length is not known.
    let isChunked: Bool
    let fields: RequestFields
}

extension RequestHead {
    init(_ head: HTTPRequestHead) {
        let fields = RequestFields(head.headers)
        self.init(
            method: head.method,
            target: head.uri,
            route: Route(target: head.uri),
            isHTTP10: head.version.minor == 0,
            // After a request for another protocol the decoder reads nothing.
            keepsAlive: head.isKeepAlive && !fields.asksUpgrade && head.method != .CONNECT,
            isChunked: fields.contentLength == nil && head.headers.contains(name: "transfer-encoding"),
            fields: fields
        )
    }
}
