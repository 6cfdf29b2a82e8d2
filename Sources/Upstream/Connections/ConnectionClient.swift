import NIOCore

/// Whom a connection serves: told of the answer to its request, on the connection's event loop. It is held by the connection until
/// the answer ends, or until it gives the connection up.
protocol ConnectionClient: AnyObject {
    /// The connection that was asked for is up.
    func connectionIsReady(_ connection: UpstreamConnection)
    /// The answer's head has arrived.
    func headArrived(_ head: UpstreamHead)
    /// A piece of the answer's body has arrived.
    func bodyArrived(_ bytes: ByteBuffer)
    /// Everything that one reading brought was told.
    func readCompleted()
    /// The answer is whole, and the connection serves this client no more.
    func endArrived()
    /// The connection is of no use any more, and nothing else is told.
    ///
    /// - Parameter isStale: whether that says nothing about the server: see `UpstreamConnectionState.isStale`.
    func connectionFailed(_ error: UpstreamError, isStale: Bool)
}
