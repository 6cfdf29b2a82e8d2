import HTTPSyntax
import NIOCore
import NIOHTTP1
import Upstream

/// A request that was admitted, and read whole unless it has a `rest`.
struct IncomingRequest {
    /// The id of the request.
    let id: RequestID
    let method: HTTPMethod
    let route: Route
    let fields: RequestFields
    let body: ByteBuffer
    /// What follows the body, which arrives at the exchange that is attached to the connection.
    var rest: BodyRest?
}
