/// A request as it is sent over the network.
struct HTTPRequest {
    enum Body {
        case none
        case bytes([UInt8])
        /// Memory of the host, which stays valid until the operation of the request is completed.
        case parts([UnsafeRawBufferPointer])

        var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .parts(let parts): parts.reduce(0) { $0 + $1.count }
            }
        }
    }

    var method: String
    var url: String
    var headers: [(name: String, value: String)]
    var body = Body.none
    /// How long connecting may take, in milliseconds. 0 means as long as curl allows.
    var connectTimeout = 0
    /// The longest time without a received byte, in milliseconds. 0 means no limit.
    var readTimeout = 0
    /// How long the whole request may take, in milliseconds. 0 means no limit.
    var totalTimeout = 0
    /// Whether the environment's proxy is bypassed, as for a service of this machine.
    var isDirect = false
    /// The largest body of an answer in bytes. A larger one ends the transfer. How much of an error is read depends on
    /// `ServiceError`.
    var largestAnswer = ServiceError.largestBody
}

/// An answer.
struct HTTPResponse {
    let status: Int
    let headers: ResponseHeaders
    /// The body, of which at most the first 64 KB are read in an error.
    let body: ResponseBody

    subscript(header: ResponseHeaders.Name) -> String? { headers[header] }
}

/// Why there is no answer.
struct HTTPFailure: Error, Equatable {
    enum Kind {
        /// No connection was made.
        case unreachable
        /// The connection broke, or the answer is not valid HTTP.
        case broken
        case timedOut
        /// The body is incomplete.
        case truncated
        /// The server's certificate is refused.
        case certificate
        case tooLarge
        case cancelled
    }

    let kind: Kind
    /// The reason in words, without secrets.
    let reason: String
}
