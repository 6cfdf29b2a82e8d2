/// A request as it goes over the wire.
struct HTTPRequest {
    enum Body {
        case none
        case bytes([UInt8])
        /// Memory of the host's, which stays until the operation behind the request is completed.
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
    /// Milliseconds; 0: none.
    var connectTimeout = 0
    /// How long nothing may come, in milliseconds; 0: for ever.
    var readTimeout = 0
    /// How long all of it may take, in milliseconds; 0: for ever.
    var totalTimeout = 0
    /// Whether the environment's proxy is left aside, as for a service of this machine's own.
    var isDirect = false
    /// The largest body of an answer that is wanted, in bytes; a larger one ends the transfer. Of errors `ServiceError`
    /// decides.
    var largestAnswer = ServiceError.largestBody
}

/// What came back.
struct HTTPResponse {
    let status: Int
    let headers: ResponseHeaders
    /// Of an error the first 64 KB at most.
    let body: ResponseBody

    subscript(header: ResponseHeaders.Name) -> String? { headers[header] }
}

/// Why nothing did.
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
