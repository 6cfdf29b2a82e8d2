import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// The error response for a client that wanted an answer in one piece, where the model's stream cannot be assembled
/// into one.
struct StreamFailure {
    let status: Int
    let body: ByteBuffer
    /// Whether the stream has ended without a failure, but has events that the gateway cannot read. The model may still
    /// be able to answer in one piece.
    var isUnreadable = false

    /// - Parameters:
    ///   - pieces: all pieces that arrived.
    ///   - errors: how the call's API family reports errors.
    ///   - document: scratch space.
    init(of pieces: [FlightPiece], _ errors: ErrorForm, with document: JSONDocument) {
        defer { document.reset() }
        var isUnreadable = false
        for piece in pieces where piece.kind == .error {
            guard let event = Self.event(piece.bytes), let data = event.data else { continue }
            let isRead = Self.read(data, with: document)
            guard isRead || event.isError else {
                isUnreadable = true
                continue
            }
            switch isRead ? errors.read(data, document) : nil {
            case .answer(let status, let body): self.init(status: status, body: body)
            case .message(let message):
                let error = APIError(status: 502, message: message, type: "upstream_error", parameter: nil, code: nil)
                self.init(error, errors)
            case nil: self.init("its stream failed before the answer was whole", errors)
            }
            return
        }
        guard isUnreadable, pieces.contains(where: { $0.kind == .done }) else {
            self.init(APIError(UpstreamError(.closedEarly, "its stream ended before the answer was whole")), errors)
            return
        }
        self.init("its stream has events that are no JSON", errors)
        self.isUnreadable = true
    }

    private init(_ description: String, _ errors: ErrorForm) {
        self.init(APIError(UpstreamError(.protocolViolation, description)), errors)
    }

    private init(_ error: APIError, _ errors: ErrorForm) {
        self.init(status: error.status, body: ByteBuffer(string: errors.body(error.report)))
    }

    private init(status: Int, body: ByteBuffer) {
        self.status = status
        self.body = body
    }

    private static func event(_ bytes: ByteBuffer) -> ServerSentEvent? {
        var parser = EventParser()
        parser.feed(bytes)
        return parser.next() ?? parser.remainder()
    }

    private static func read(_ data: ByteBuffer, with document: JSONDocument) -> Bool {
        do {
            try document.parse(data, forKey: false, nodeLimit: nodeLimit)
            return true
        } catch {
            return false
        }
    }

    private static let nodeLimit = 1 << 20
}
