import HTTPSyntax
import NIOCore
import NIOHTTP1

/// The request of a connection that is being received or answered. It begins with its head, or with bytes that are not
/// a request, and lasts to the end of its answer.
struct CurrentRequest {
    /// The handler that answers it. It stays the same, although later requests may have another handler.
    let handler: any RequestHandler
    let method: HTTPMethod
    let isHTTP10: Bool
    /// The record of the request.
    var transaction: Transaction
    /// The header fields, until the request is handed over.
    var fields: RequestFields?
    /// The exchange that answers it later. It is nil while the request is being received, and where it is answered at
    /// once.
    var exchange: (any Exchange)?
    /// Whether the head of the answer was written.
    var hasResponded = false

    /// - Parameter head: the head, which is nil for bytes that are not a request.
    init(_ head: RequestHead?, _ handler: any RequestHandler, _ transaction: Transaction) {
        self.handler = handler
        self.transaction = transaction
        method = head?.method ?? .GET
        isHTTP10 = head?.isHTTP10 ?? false
        fields = head?.fields
    }

    /// The complete request. It is nil where the request was not admitted, or was handed over before.
    mutating func incoming(_ body: ByteBuffer) -> IncomingRequest? {
        guard let route = transaction.route, let fields = fields.take() else { return nil }
        return IncomingRequest(id: transaction.id, method: method, route: route, fields: fields, body: body)
    }

    mutating func respond(_ head: borrowing ResponseHead, at now: NIODeadline) {
        hasResponded = true
        transaction.respond(head.status, head.cacheStatus, at: now)
    }

    mutating func note(_ body: (inout Transaction) -> Void) { body(&transaction) }
}
