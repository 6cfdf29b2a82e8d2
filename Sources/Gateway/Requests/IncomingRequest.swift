import HTTPSyntax
import NIOCore
import NIOHTTP1

/// A request that was read whole and admitted.
struct IncomingRequest {
    /// What it is called.
    let id: RequestID
    let method: HTTPMethod
    let route: Route
    let fields: RequestFields
    let body: ByteBuffer
}
