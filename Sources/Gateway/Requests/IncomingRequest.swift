import NIOCore
import NIOHTTP1

/// A request that was read whole and admitted.
struct IncomingRequest {
    var method: HTTPMethod
    var route: Route
    var fields: RequestFields
    var body: ByteBuffer
}
