import PluginKit

/// Which connection an operation's commands go to. Bound to the I/O thread.
protocol Router: AnyObject {
    /// What became of a command that was answered by an error.
    func react(to error: ServerError, _ part: OperationPart, on link: Link) -> Reaction

    /// Connects.
    func start()

    /// Sends a get, set or delete, split as the keys' places want it.
    func start(_ request: OperationRequest)

    /// Makes a round trip to every server.
    func ping(_ request: OperationRequest)

    /// Every server that holds entries, each by the connection for writes.
    func everyServer(_ body: @escaping (Result<[Link], BackendFailure>) -> Void)

    /// Whether there are other servers than these and some of them serve.
    func serves(beside nodes: [ClusterNode]) -> Bool

    /// The host waits no longer for an operation.
    /// - Returns: the nodes of a cluster that have not answered it.
    func gaveUp(_ request: OperationRequest) -> [ClusterNode]

    /// Keys of one server in groups that one command may name.
    func groups(_ keys: [Reply]) -> [[Reply]]

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

/// The connections to one server: one for look-ups and one for writes, so that no look-up waits behind a large value,
/// or one for both.
final class Lanes {
    let lookups: Link
    let writes: Link

    init(_ loop: IOLoop, _ purpose: Login.Purpose, owner: any LinkOwner) {
        lookups = Link(loop, purpose, owner: owner)
        writes = loop.settings.connections == 1 ? lookups : Link(loop, purpose, owner: owner)
    }

    func link(for request: OperationRequest) -> Link {
        switch request.operation {
        case .get, .ping: lookups
        case .set, .delete, .flush: writes
        }
    }

    func want() {
        lookups.want()
        writes.want()
    }

    func close(_ failure: BackendFailure) {
        lookups.close(failure)
        if writes !== lookups { writes.close(failure) }
    }

    func has(_ link: Link) -> Bool { link === lookups || link === writes }
}
