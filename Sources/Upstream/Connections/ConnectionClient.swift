import NIOCore

/// The user of a connection, which is notified of the answer to its request on the connection's event loop. The
/// connection holds its client until the answer ends, or until the client gives the connection up.
protocol ConnectionClient: AnyObject {
    /// The requested connection is ready for a request.
    func connectionIsReady(_ connection: UpstreamConnection)
    /// The server takes a further part of the body, or takes none for the time being. It is called only for a request
    /// whose body is sent as it arrives.
    func takesBody(_ takesBody: Bool)
    /// The answer's head has been received.
    func headArrived(_ head: UpstreamHead)
    /// A piece of the answer's body has been received.
    func bodyArrived(_ bytes: ByteBuffer)
    /// Everything that was read at once has been delivered.
    func readCompleted()
    /// The answer is complete, and the connection no longer serves this client.
    func endArrived()
    /// The connection cannot be used any more, and no other method is called after this one.
    ///
    /// - Parameter isStale: whether this reveals nothing about the server, as `UpstreamConnectionState.isStale`
    ///   explains.
    func connectionFailed(_ error: UpstreamError, isStale: Bool)
}
