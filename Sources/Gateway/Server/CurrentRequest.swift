import HTTPSyntax
import NIOCore
import NIOHTTP1
import Upstream

/// The request of a connection that is being received or answered: from its head, or from bytes that proved not to be a
/// request, to the end of its answer. A connection has one, which it uses for one request after another.
struct CurrentRequest: ~Copyable {
    /// Whether there is a request at present. Otherwise nothing else here means anything.
    private(set) var isOpen = false
    /// The handler that answers it. It stays the same, although later requests may have another handler.
    private(set) var handler: (any RequestHandler)?
    private var method = HTTPMethod.GET
    /// Whether the method is HEAD, so that the answer has no body.
    private(set) var isHead = false
    private(set) var isHTTP10 = false
    /// The record of the request.
    var transaction = Transaction(id: .own(0), at: .distantPast)
    /// The header fields, until the request is handed over.
    private var fields: RequestFields?
    /// The exchange that answers it later. It is nil while the request is being received, and where it is answered at
    /// once.
    var exchange: (any Exchange)?
    /// Whether the head of the answer was written.
    private(set) var hasResponded = false
    /// Further lines in its answer: what pages of other origins may do, and what is left of the client's limits. They
    /// are nil where there are none.
    var lines: [UInt8]?
    /// Whether these say what is left of the client's limits, in place of what the provider says of its own.
    var statesLimits = false

    /// A request begins.
    ///
    /// - Parameters:
    ///   - head: its head, which is nil for bytes that are not a request.
    ///   - sentBytesBefore: how many bytes were sent on its connection before it.
    mutating func begin(
        _ head: borrowing RequestHead,
        _ handler: any RequestHandler,
        id: RequestID,
        sentBytesBefore: Int,
        at now: NIODeadline
    ) {
        begin(handler, id: id, route: head.route, sentBytesBefore: sentBytesBefore, at: now)
        method = head.method
        isHead = head.method == .HEAD
        isHTTP10 = head.isHTTP10
        fields = head.fields
    }

    /// Bytes came that are not a request.
    mutating func begin(
        _ handler: any RequestHandler,
        id: RequestID,
        route: Route? = nil,
        sentBytesBefore: Int,
        at now: NIODeadline
    ) {
        isOpen = true
        self.handler = handler
        transaction.begin(id: id, route: route, sentBytesBefore: sentBytesBefore, at: now)
        method = .GET
        isHead = false
        isHTTP10 = false
        hasResponded = false
    }

    /// Lends the record, which is closed, to those who observe it. It is not copied, which would cost more than what they
    /// do with it.
    func tell(_ observers: [any TransactionObserver]) {
        for observer in observers { observer.ended(transaction) }
    }

    /// The request has ended.
    mutating func end() {
        isOpen = false
        handler = nil
        fields = nil
        exchange = nil
        lines = nil
        statesLimits = false
    }

    /// The request as it is handed over. It is nil where the request was not admitted, or was handed over before.
    ///
    /// - Parameter isWhole: whether that is the whole body.
    mutating func incoming(_ body: ByteBuffer, isWhole: Bool) -> IncomingRequest? {
        guard let route = transaction.route, let fields = fields.take() else { return nil }
        var request = IncomingRequest(id: transaction.id, method: method, route: route, fields: fields, body: body)
        if !isWhole { request.rest = BodyRest(length: fields.contentLength.map { $0 - body.readableBytes }) }
        return request
    }

    /// The head of the answer is about to be written.
    mutating func respond(_ head: borrowing ResponseHead, at now: NIODeadline) {
        hasResponded = true
        transaction.respond(head.status, head.cacheStatus, isStream: head.isEventStream, at: now)
    }
}
