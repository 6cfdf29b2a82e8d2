import NIOCore

/// The user of a connection, who is told of the answer to the request on the connection's event loop. The connection
/// holds its client until the answer ends, or until the client gives the connection up.
protocol ConnectionClient: AnyObject {
    /// The connection that was asked for is ready for a request.
    func connectionIsReady(_ connection: UpstreamConnection)
    /// The answer's head has arrived.
    func headArrived(_ head: UpstreamHead)
    /// A piece of the answer's body has arrived.
    func bodyArrived(_ bytes: ByteBuffer)
    /// Everything that was read at once has been delivered.
    func readCompleted()
    /// The answer is whole, and the connection no longer serves this client.
    func endArrived()
    /// The connection cannot be used any more, and no other method is called after this one.
    ///
    /// - Parameter isStale: whether this says nothing about the server, as `UpstreamConnectionState.isStale` explains.
    func connectionFailed(_ error: UpstreamError, isStale: Bool)
}
