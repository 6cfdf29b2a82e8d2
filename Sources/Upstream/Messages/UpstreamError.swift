/// Why there is no answer, or only a part of one.
public struct UpstreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Kind: Sendable, Equatable {
        /// No connection: the name has no address, nobody listens, or the network is down.
        case connectFailed
        /// The certificate was refused, or the two sides do not agree on a protocol.
        case tlsFailed
        case timedOut(Phase)
        /// The connection ended before the answer did.
        case closedEarly
        /// What came is not HTTP/1.1 as it should be.
        case protocolViolation
        /// The proxy did not open the tunnel.
        case proxyRefused
        /// The deployment cannot be used as it is configured.
        case notConfigured
        /// As many calls are under way and wait as may.
        case overloaded
        /// The client was shut down.
        case shutDown
    }

    /// What was waited for.
    public enum Phase: String, Sendable, Equatable {
        case connecting
        case firstByte = "waiting for the answer"
        case total = "waiting for the whole answer"
        case idle = "waiting for more of the answer"
    }

    /// What kind of failure it is.
    public let kind: Kind

    /// One sentence for clients: what failed, where, and how to mend it. Never contains a key, a header or a body, nor what
    /// the libraries below said.
    public let description: String

    /// What the libraries below said, for the log: it may tell of their insides, and of the machine that built them. Nil: the
    /// description says all there is.
    public let detail: String?

    /// A failure with a sentence that clients may read, and a detail for the log alone.
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
        case .overloaded, .shutDown: 503
        }
    }
}
