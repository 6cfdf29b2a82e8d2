import NIOHTTP1

/// The head of a request, as far as the gateway uses it.
struct RequestHead {
    let method: HTTPMethod
    /// The requested path and query, whatever form the target has.
    let target: String
    /// The route of the target.
    let route: Route
    let isHTTP10: Bool
    /// Whether the client wants to send another request on this connection.
    let keepsAlive: Bool
    /// Whether the body is in chunks, so that its length is not known.
    let isChunked: Bool
    let fields: RequestFields
    /// After how many bytes of its body the request is passed on. It is nil where the body is collected whole.
    var passesBodyAfter: Int?
}
