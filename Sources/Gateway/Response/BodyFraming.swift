/// How the end of an answer's body is marked (RFC 9112 section 6).
enum BodyFraming: Equatable {
    /// The end is given by the length, which the head states.
    case length(Int)
    /// The end is the last chunk.
    case chunked
    /// The end is the end of the connection, for HTTP/1.0 clients.
    case untilClose
    /// There is no body, and the head says nothing of a length: the answer to a HEAD request for something of unknown
    /// length, or one whose status has no body (RFC 9110 section 8.6).
    case headOnly

    static func of(length: Int?, isHTTP10: Bool) -> BodyFraming {
        if let length { return .length(length) }
        return isHTTP10 ? .untilClose : .chunked
    }

    /// Whether the head has told where the body ends, so that nothing may be added to it.
    var hasKnownEnd: Bool {
        switch self {
        case .length, .headOnly: true
        case .chunked, .untilClose: false
        }
    }
}
