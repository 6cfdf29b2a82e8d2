/// Why bytes are not a request that the gateway reads. Each error ends the connection, because the next request cannot
/// be found.
enum MalformedRequest: Error, Equatable {
    case requestLine(StaticString)
    case version
    case field(StaticString)
    case host(StaticString)
    case contentLength
    case transferEncoding(StaticString)
    case chunk(StaticString)
    /// The head is over a limit of `RequestReader.Limits`.
    case headTooLarge
    /// A chunk is larger than any body may be.
    case bodyTooLarge

    static func == (left: MalformedRequest, right: MalformedRequest) -> Bool { left.reason == right.reason }

    /// A sentence for the client.
    var reason: String {
        switch self {
        case .requestLine(let reason): "The request line is malformed: \(reason)."
        case .version: "This gateway speaks HTTP/1.1."
        case .field(let reason): "A header field is malformed: \(reason)."
        case .host(let reason): "The request must have one valid Host field: \(reason)."
        case .contentLength: "Content-Length must be given once, as decimal digits."
        case .transferEncoding(let reason): "Transfer-Encoding must be 'chunked' and nothing else: \(reason)."
        case .chunk(let reason): "The chunked body is malformed: \(reason)."
        case .headTooLarge: "The request's head is too large; at most 32 KiB in 100 fields of 16 KiB are read."
        case .bodyTooLarge: "The request body is larger than the limit."
        }
    }
}

extension MalformedRequest: CustomStringConvertible {
    var description: String { reason }
}
