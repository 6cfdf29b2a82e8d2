import PluginKit

/// [I/O thread] Chooses the connections for the commands of operations.
protocol Router: AnyObject {
    /// Connects.
    func start()

    /// Sends a get, set or delete, divided by the servers of its keys.
    func start(_ request: OperationRequest)

    /// Makes a round trip to every server.
    func ping(_ request: OperationRequest)

    /// Calls `body` with the connections for writes to all servers that hold entries, as soon as they are known.
    func everyServer(_ body: @escaping (Result<[RedisConnection], BackendFailure>) -> Void)

    /// Groups keys by the server that holds them, so that one command may name the keys of a group.
    func groups(_ keys: [Reply]) -> [[Reply]]

    /// Decides what happens to a part that was answered by an error.
    func react(to error: ServerError, _ part: OperationPart, on connection: RedisConnection) -> Reaction

    /// The host no longer waits for an operation.
    /// - Returns: those of several servers that have not answered it.
    func gaveUp(_ request: OperationRequest) -> [any MonitoredServer]

    /// Whether there are other servers than these and some of them serve.
    func serves(beside servers: [any MonitoredServer]) -> Bool

    func close()
}

/// The reaction of a router to an error.
enum Reaction: Equatable {
    /// The command was sent elsewhere, or will be sent again.
    case takenCareOf
    case fail
    /// The command fails and the connection cannot be used any more.
    case drop
}

/// [I/O thread] The client of a router, which also reports the state of the servers to the operator.
protocol RouterOwner: OperationOwner {
    /// A server answers.
    /// - Parameters:
    ///   - server: the name of the server, or of something else that can fail by itself.
    ///   - news: the text that is logged if this is a change.
    func isUp(_ server: String, _ news: String)

    /// A server does not answer, or not correctly.
    func isDown(_ server: String, _ failure: BackendFailure)
}
