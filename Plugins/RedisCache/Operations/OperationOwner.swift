import PluginKit

/// [I/O thread] The client that sends the parts of operations.
protocol OperationOwner: AnyObject {
    var instance: RedisInstance { get }

    /// Whether the servers support UNLINK. Old ones have only DEL.
    var usesUnlink: Bool { get }

    /// A part was answered by an error.
    /// - Parameter text: the server's text.
    /// - Throws: if the connection cannot be used any more.
    func serverSaid(_ text: String, to part: OperationPart, on connection: RedisConnection) throws(BackendFailure)

    /// The failure that is reported to the host. That some servers of several do not answer reveals nothing about the
    /// others, and must not open the breaker for all of them: such a failure is partial, which is not an outage of the
    /// backend.
    func judged(_ failure: BackendFailure, at servers: [any MonitoredServer]) -> BackendFailure

    /// Ends an operation without its replies.
    func fail(_ request: OperationRequest, _ failure: BackendFailure)

    /// The last part of an operation has ended.
    func over(_ request: OperationRequest)
}

/// [I/O thread] One server of several. It counts the parts that were sent to it, and judges by their replies whether it
/// works.
protocol MonitoredServer: AnyObject {
    /// A part was answered, whether or not the answer was still wanted.
    func answered(_ part: OperationPart)

    /// A part was not answered and will not be.
    func failed(_ part: OperationPart)

    /// The server has answered like one that serves requests.
    func serves()

    /// The server has answered that it serves nothing, as far as it knows.
    func servesNothing(_ failure: BackendFailure)
}
