import NIOHTTP1

/// The head of a request, as far as it means something to the gateway.
struct RequestHead {
    let method: HTTPMethod
    /// The path and query that are asked for, whatever form the target has.
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
