import PluginKit

/// [I/O thread] Chooses the connections that the commands of operations go over.
protocol Router: AnyObject {
    /// Connects.
    func start()

    /// Sends a get, set or delete, split as the places of its keys demand.
    func start(_ request: OperationRequest)

    /// Makes a round trip to every server.
    func ping(_ request: OperationRequest)

    /// Hands over the connections for writes to all servers that hold entries, as soon as they are known.
    func everyServer(_ body: @escaping (Result<[RedisConnection], BackendFailure>) -> Void)

    /// Groups keys that one server holds, so that one command may name those of a group.
    func groups(_ keys: [Reply]) -> [[Reply]]

    /// Decides what becomes of a part that was answered by an error.
    func react(to error: ServerError, _ part: OperationPart, on connection: RedisConnection) -> Reaction

    /// The host waits no longer for an operation.
    /// - Returns: those of several servers that owe it an answer.
    func gaveUp(_ request: OperationRequest) -> [any MonitoredServer]

    /// Whether there are other servers than these and some of them serve.
    func serves(beside servers: [any MonitoredServer]) -> Bool

    func close()
}

/// What a router does about an error.
enum Reaction: Equatable {
    /// The command was sent elsewhere, or will be sent again.
    case takenCareOf
    case fail
    /// The command fails and the connection is of no use.
    case drop
}

/// [I/O thread] What a router needs of the client: beside what its parts need, somebody who tells the operator how the
/// servers are.
protocol RouterOwner: OperationOwner {
    /// A server answers.
    /// - Parameters:
    ///   - server: names it, or something else that can fail by itself.
    ///   - news: what is told if that is a change.
    func isUp(_ server: String, _ news: String)

    /// A server does not answer, or not as it should.
    func isDown(_ server: String, _ failure: BackendFailure)
}
