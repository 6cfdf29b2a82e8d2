import PluginKit

/// [I/O thread] What the parts of operations need of the client that sends them.
protocol OperationOwner: AnyObject {
    var instance: RedisInstance { get }

    /// Whether the servers know UNLINK; old ones have DEL only.
    var usesUnlink: Bool { get }

    /// A part was answered by an error.
    /// - Parameter text: what the server says.
    /// - Throws: if the connection is of no use any more.
    func serverSaid(_ text: String, to part: OperationPart, on connection: RedisConnection) throws(BackendFailure)

    /// A failure as the host is to see it. That some servers of several do not answer says nothing about the others,
    /// and must not have all of them left alone: such a failure is partial, which is no outage of the backend.
    func judged(_ failure: BackendFailure, at servers: [any MonitoredServer]) -> BackendFailure

    /// Ends an operation without its replies.
    func fail(_ request: OperationRequest, _ failure: BackendFailure)

    /// The last part of an operation has ended.
    func over(_ request: OperationRequest)
}

/// [I/O thread] One server of several, which keeps count of the parts that were sent to it and judges by their replies
/// whether it is in order.
protocol MonitoredServer: AnyObject {
    /// A part was answered, whether or not anybody waited for that.
    func answered(_ part: OperationPart)

    /// A part was not answered and will not be.
    func failed(_ part: OperationPart)

    /// It has answered as a server does that serves what is asked of it.
    func serves()

    /// It answers that it serves nothing, as far as it knows.
    func servesNothing(_ failure: BackendFailure)
}
