import PluginKit

/// [I/O thread] The connections to one server: one for look-ups and one for writes, so that no look-up waits behind a
/// large value that is being sent, or one for both.
final class ServerConnections {
    let lookups: RedisConnection
    let writes: RedisConnection

    init(_ instance: RedisInstance, _ purpose: Login.Purpose, owner: any ConnectionOwner) {
        lookups = RedisConnection(instance, purpose, owner: owner)
        writes =
            instance.settings.connectionsPerServer == 1
            ? lookups : RedisConnection(instance, purpose, owner: owner)
    }

    /// Whether all of them accept commands.
    var areReady: Bool { lookups.isReady && writes.isReady }

    /// The connection for an operation's commands.
    func connection(for request: OperationRequest) -> RedisConnection {
        switch request.operation {
        case .get, .ping: lookups
        case .set, .delete, .flush, .inquire: writes
        }
    }

    /// Connects, if that was never tried.
    func want() {
        lookups.want()
        writes.want()
    }

    func close(_ failure: BackendFailure) {
        lookups.close(failure)
        if writes !== lookups { writes.close(failure) }
    }
}
