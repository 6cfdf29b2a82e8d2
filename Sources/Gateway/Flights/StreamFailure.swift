import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// Why a stream is no answer, told to a request that wanted one in one piece: the status and the body of an error.
struct StreamFailure {
    let status: Int
    let body: ByteBuffer
    /// Nothing has failed and the stream has come to its end, but the gateway cannot read all of it: asked for one piece, the model
    /// may well answer.
    var isUnreadable = false

    /// - Parameters:
    ///   - pieces: all that came.
    ///   - document: scratch.
    init(of pieces: [FlightPiece], with document: JSONDocument) {
        defer { document.reset() }
        var isUnreadable = false
        for piece in pieces where piece.kind == .error {
            guard let event = Self.event(piece.bytes), let data = event.data else { continue }
            let isRead = Self.read(data, with: document)
            guard isRead || event.isError else {
                isUnreadable = true
                continue
            }
            self =
                (isRead ? Self.told(by: data, document) : nil) ?? Self("its stream failed before the answer was whole")
            return
        }
        guard isUnreadable, pieces.contains(where: { $0.kind == .done }) else {
            self.init(APIError(UpstreamError(.closedEarly, "its stream ended before the answer was whole")))
            return
        }
        self.init("its stream has events that are no JSON")
        self.isUnreadable = true
    }

    private init(_ description: String) {
        self.init(APIError(UpstreamError(.protocolViolation, description)))
    }

    private init(_ error: APIError) {
        self.init(status: error.status, body: ByteBuffer(string: error.json))
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

    /// What the data of an event says, read by the document. It is nil where nothing of it can be passed on.
    private static func told(by data: ByteBuffer, _ document: JSONDocument) -> StreamFailure? {
        guard let root = document.root, document.kind(of: root) == .object else { return nil }
        // With the event's name `error` some send the error itself.
        let error = document.member("error", of: root) ?? root
        switch document.kind(of: error) {
        case .object:
            guard document.member("message", of: error) != nil, let range = document.byteRange(of: error),
                let text = data.getSlice(at: data.readerIndex + range.lowerBound, length: range.count)
            else { return nil }
            var body = ByteBuffer(staticString: #"{"error":"#)
            body.writeImmutableBuffer(text)
            body.writeStaticString("}")
            return StreamFailure(status: status(of: error, in: document), body: body)
        case .string:
            guard let message = document.string(error) else { return nil }
            return StreamFailure(
                APIError(status: 502, message: message, type: "upstream_error", parameter: nil, code: nil)
            )
        default: return nil
        }
    }

    /// The status of an error: the one it tells, else that which OpenAI gives to its type, else 502.
    private static func status(of error: JSONNode, in document: JSONDocument) -> Int {
        for name: StaticString in ["status", "status_code", "code"] {
            guard let value = document.member(name, of: error) else { continue }
            let number =
                document.int64(value) ?? document.string(value).flatMap { $0.utf8.count == 3 ? Int64($0) : nil }
            if let number, (400..<600).contains(number) { return Int(number) }
        }
        for name: StaticString in ["code", "type"] {
            guard let value = document.member(name, of: error) else { continue }
            for (word, status) in statuses where document.text(of: value, equals: word) { return status }
        }
        return 502
    }

    private static let statuses: [(StaticString, Int)] = [
        ("invalid_request_error", 400), ("authentication_error", 401), ("permission_error", 403),
        ("not_found_error", 404), ("rate_limit_error", 429), ("rate_limit_exceeded", 429), ("insufficient_quota", 429),
        ("server_error", 500), ("api_error", 500), ("internal_server_error", 500), ("overloaded_error", 503),
        ("service_unavailable", 503), ("timeout", 504), ("timeout_error", 504),
    ]

    private static let nodeLimit = 1 << 20
}
