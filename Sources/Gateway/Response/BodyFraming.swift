/// How the end of an answer's body is marked (RFC 9112 section 6).
enum BodyFraming {
    /// The end is given by the length, which the head states.
    case length(Int)
    /// The end is the last chunk.
    case chunked
    /// The end is the end of the connection, for HTTP/1.0 clients.
    case untilClose

    static func of(length: Int?, isHTTP10: Bool) -> BodyFraming {
        if let length { return .length(length) }
        return isHTTP10 ? .untilClose : .chunked
    }

    /// Whether the head has stated a length, which the body must have.
    var hasLength: Bool {
        if case .length = self { true } else { false }
    }
}
