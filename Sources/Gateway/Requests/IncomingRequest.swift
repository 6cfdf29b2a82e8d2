import HTTPSyntax
import NIOCore
import NIOHTTP1

/// A request that was read whole and admitted.
struct IncomingRequest {
    /// The id of the request.
    let id: RequestID
    let method: HTTPMethod
    let route: Route
    let fields: RequestFields
    let body: ByteBuffer
}
