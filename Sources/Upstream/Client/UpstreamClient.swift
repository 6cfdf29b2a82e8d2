public import Deadlines
public import NIOCore

/// Sends requests to model groups, from one event loop: its connections are kept here and used on this
/// loop only, so that nothing is locked.
public final class UpstreamClient {
    public let eventLoop: any EventLoop
    let deadlines: Deadlines
    let configuration: UpstreamConfiguration

    public init(eventLoop: any EventLoop, deadlines: Deadlines, configuration: UpstreamConfiguration) {
        self.eventLoop = eventLoop
        self.deadlines = deadlines
        self.configuration = configuration
    }

    /// [on the loop] Sends a request to one of the group's deployments, and to others if that fails.
    ///
    /// The receiver is called after this returns, on the same loop, and is held until the call ends.
    public func send(
        _ request: UpstreamRequest,
        to group: ModelGroup,
        receiver: any UpstreamReceiver
    ) -> UpstreamCall {
        UpstreamCall()
    }

    /// [on the loop] Closes the unused connections and refuses new requests. Calls under way go on.
    public func shutdown() {}
}
