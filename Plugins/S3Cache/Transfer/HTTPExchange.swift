/// A request as it goes over the wire.
struct HTTPRequest {
    enum Body {
        case none
        case bytes([UInt8])
        /// Memory of the host's, which stays valid until the operation behind the request is completed.
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
    /// How long connecting may take, in milliseconds; 0 means as long as curl allows.
    var connectTimeout = 0
    /// How long nothing may arrive, in milliseconds; 0 means without end.
    var readTimeout = 0
    /// How long all of it may take, in milliseconds; 0 means without end.
    var totalTimeout = 0
    /// Whether the environment's proxy is not used, as for a service of this machine.
    var isDirect = false
    /// The largest body of an answer that is wanted, in bytes; a larger one ends the transfer. How much of an error is
    /// read is up to `ServiceError`.
    var largestAnswer = ServiceError.largestBody
}

/// An answer.
struct HTTPResponse {
    let status: Int
    let headers: ResponseHeaders
    /// Of an error the first 64 KB at most.
    let body: ResponseBody

    subscript(header: ResponseHeaders.Name) -> String? { headers[header] }
}

/// Why there is no answer.
struct HTTPFailure: Error, Equatable {
    enum Kind {
        /// No connection was made.
        case unreachable
        /// The connection broke, or what came is no HTTP.
        case broken
        case timedOut
        /// The body is not whole.
        case truncated
        /// The server's certificate is refused.
        case certificate
        case tooLarge
        case cancelled
    }

    let kind: Kind
    /// In words, without secrets.
    let reason: String
}
