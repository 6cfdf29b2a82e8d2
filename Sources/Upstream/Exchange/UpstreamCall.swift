/// A request on its way. Bound to the event loop of its client.
public final class UpstreamCall {
    /// Whether the receiver will still be called.
    public var isOpen: Bool { false }

    /// The deployment that answers, or that was tried last.
    public var deployment: Deployment? { nil }

    /// Ends the call: the connection is closed and the receiver is not called any more. Harmless afterwards.
    public func cancel() {}

    /// Stops reading from the upstream, because the client does not keep up. A little that has been read
    /// already may still be delivered.
    public func pauseReading() {}

    /// Reads on.
    public func resumeReading() {}
}
