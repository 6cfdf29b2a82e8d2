import HTTPSyntax
import NIOCore
import NIOHTTP1

/// The request of a connection that is being received or answered: from its head, or from the bytes that turned out to be none,
/// to the end of its answer.
struct CurrentRequest {
    /// Who answers it. That does not change while it lasts, though later requests may find another.
    let handler: any RequestHandler
    let method: HTTPMethod
    let isHTTP10: Bool
    /// The record of it.
    var transaction: Transaction
    /// The header fields, until the request is handed over.
    var fields: RequestFields?
    /// What answers it later. It is nil while the request is received, and where it is answered at once.
    var exchange: (any Exchange)?
    /// Whether the head of the answer was written.
    var hasResponded = false

    /// - Parameter head: it is nil for bytes that are no request.
    init(_ head: RequestHead?, _ handler: any RequestHandler, _ transaction: Transaction) {
        self.handler = handler
        self.transaction = transaction
        method = head?.method ?? .GET
        isHTTP10 = head?.isHTTP10 ?? false
        fields = head?.fields
    }

    /// The request, whole. It is nil where it was not admitted, or was handed over before.
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
