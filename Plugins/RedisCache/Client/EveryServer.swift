import PluginKit

extension RedisClient {
    /// [I/O thread] Calls `body` with the connections to all servers that hold entries, as soon as they are known. Where
    /// there are none, the request fails instead.
    ///
    /// - Parameter purpose: what is to be done with the servers, for the message.
    func everyServer(
        of router: any Router,
        for request: OperationRequest,
        to purpose: String,
        _ body: @escaping ([RedisConnection]) -> Void
    ) {
        router.everyServer { [self] result in
            guard request.isOpen else { return }
            switch result {
            case .failure(let failure): fail(request, judged(failure, at: []))
            case .success(let connections) where connections.isEmpty:
                fail(request, BackendFailure(.unavailable, "there is no server to \(purpose)"))
            case .success(let connections): body(connections)
            }
        }
    }
}
