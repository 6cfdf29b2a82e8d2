public import NIOCore

/// Is told of the attempts of one call that is traced, and says what their requests tell the models' servers of the trace.
/// It is bound to the event loop of the call.
///
/// Each attempt that begins also ends. Only one is under way at a time.
public protocol CallTrace: TraceFields {
    /// An attempt begins at a deployment.
    func attemptBegan(at deployment: Deployment, of group: ModelGroup, now: NIODeadline)

    /// The head of the answer has arrived.
    func headArrived(status: Int, now: NIODeadline)

    /// The attempt that is under way has ended. If there is none, nothing happens.
    ///
    /// - Parameter error: why there is no whole answer. It is nil where there is one, or where nobody wants it any more.
    func attemptEnded(_ error: UpstreamError?, now: NIODeadline)
}

extension Deployment {
    /// The server that it is, apart from proxies. It is nil for a mock.
    public var server: (host: String, port: Int)? {
        guard case .network(let prepared) = transport else { return nil }
        return (prepared.url.host, prepared.url.port)
    }
}

extension ModelGroup {
    /// The model's name at a deployment of the group, with its stars replaced by what they stand for.
    public func model(at deployment: Deployment) -> String {
        starValues.map { ModelPattern.fill(deployment.model, with: $0) } ?? deployment.model
    }
}

extension UpstreamHead {
    /// How long the server asks clients to wait. It is nil where it does not.
    public var retryAfter: TimeAmount? { RetryAfter.read(fields) }
}

extension UpstreamError {
    /// The kind of the failure in one word from a bounded set.
    public var word: StaticString {
        switch kind {
        case .connectFailed: "connect_failed"
        case .tlsFailed: "tls_failed"
        case .timedOut: "timeout"
        case .closedEarly: "closed_early"
        case .protocolViolation: "protocol_violation"
        case .proxyRefused: "proxy_refused"
        case .notConfigured: "not_configured"
        case .notServed: "not_served"
        case .overloaded: "overloaded"
        case .rateLimited: "rate_limited"
        case .shutDown: "shut_down"
        }
    }
}
