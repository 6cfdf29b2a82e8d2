/// Why there is no answer, or only a part of one.
public struct UpstreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Kind: Sendable, Equatable {
        /// There is no connection: the name has no address, the server refuses the connection, or the network is down.
        case connectFailed
        /// The certificate was refused, or the two sides do not agree on a protocol.
        case tlsFailed
        case timedOut(Phase)
        /// The connection ended before the answer did.
        case closedEarly
        /// The server does not speak HTTP/1.1 correctly.
        case protocolViolation
        /// The proxy did not open the tunnel.
        case proxyRefused
        /// The deployment cannot be used as it is configured.
        case notConfigured
        /// The deployment's provider does not have the call that was requested.
        case notServed
        /// The limits of calls in progress and of waiting calls are reached.
        case overloaded
        /// The deployments have had as many calls as they take in a minute. The next minute begins after so many seconds.
        case rateLimited(seconds: Int64)
        /// The `UpstreamClient` was shut down.
        case shutDown
    }

    /// What the gateway waited for.
    public enum Phase: String, Sendable, Equatable {
        case connecting
        case firstByte = "waiting for the answer"
        case total = "waiting for the whole answer"
        case idle = "waiting for more of the answer"
    }

    /// What kind of failure it is.
    public let kind: Kind

    /// One sentence for clients that says what failed, where, and how to solve it. It never contains a key, a header, a
    /// body or a report of the libraries below.
    public let description: String

    /// The report of the libraries below, for the log alone: it may name their source files, and paths of the machine
    /// that built them. It is nil where the description is complete.
    public let detail: String?

    /// Makes an error with a sentence that clients may read, and a detail for the log alone.
    public init(_ kind: Kind, _ description: String, detail: String? = nil) {
        self.kind = kind
        self.description = description
        self.detail = detail
    }

    /// The status that a gateway answers with (RFC 9110 section 15.6).
    public var suggestedStatus: Int {
        switch kind {
        case .connectFailed, .tlsFailed, .closedEarly, .protocolViolation, .proxyRefused: 502
        case .timedOut: 504
        case .notConfigured: 500
        case .notServed: 400
        case .rateLimited: 429
        case .overloaded, .shutDown: 503
        }
    }
}

extension UpstreamError {
    /// The error for a call that a provider does not have.
    static func notServed(_ path: String, by provider: String) -> UpstreamError {
        UpstreamError(
            .notServed,
            "\(provider) does not serve \(path); ask a model of a provider that does, or set api_base to a "
                + "server that does"
        )
    }
}
