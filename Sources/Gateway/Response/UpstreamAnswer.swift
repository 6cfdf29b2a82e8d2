import Upstream

extension APIError {
    /// The error for the client where there is no answer from upstream.
    init(_ error: UpstreamError) {
        self.init(
            status: error.suggestedStatus,
            message: "The model could not answer: \(error.description)",
            type: "upstream_error",
            parameter: nil,
            code: Self.code(error.kind),
            headers: Self.retryAfter(error.kind).map { [("retry-after", "\($0)")] } ?? []
        )
    }

    /// After how many seconds the request may be sent again. It is nil where nothing is known about that.
    private static func retryAfter(_ kind: UpstreamError.Kind) -> Int64? {
        switch kind {
        case .overloaded: 1
        case .rateLimited(let seconds): seconds
        default: nil
        }
    }

    private static func code(_ kind: UpstreamError.Kind) -> String {
        switch kind {
        case .connectFailed: "upstream_unreachable"
        case .tlsFailed: "upstream_tls_failed"
        case .timedOut: "upstream_timeout"
        case .closedEarly: "upstream_closed_early"
        case .protocolViolation: "upstream_protocol_violation"
        case .proxyRefused: "proxy_refused"
        case .notConfigured: "model_not_configured"
        case .notServed: "call_not_served"
        case .overloaded: "model_overloaded"
        case .rateLimited: "rate_limit_exceeded"
        case .shutDown: "shutting_down"
        }
    }
}

extension UpstreamHead {
    /// Whether the body is a stream of server-sent events.
    var isEventStream: Bool {
        fields.contentType(startsWith: "text/event-stream")
    }

    /// Whether the body is one JSON text according to its content type.
    var isJSON: Bool {
        fields.contentType(startsWith: "application/json")
    }
}
