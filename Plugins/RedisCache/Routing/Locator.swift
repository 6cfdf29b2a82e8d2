import PluginKit

/// [I/O thread] Finds out where the server is.
protocol Locator: AnyObject {
    /// Answers at once or later; not at all once it is closed.
    func locate(_ answer: @escaping (Result<RedisEndpoint, BackendFailure>) -> Void)

    /// Gives connections up that were made with an answer which is wrong by now.
    func watch(_ connections: @escaping () -> [RedisConnection])

    /// Ends it; questions that are open get no answer.
    func close()
}

/// [I/O thread] Finds the server where the configuration says.
final class StandaloneLocator: Locator {
    private let endpoint: RedisEndpoint

    init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    /// Answers at once or later; not at all once it is closed.
    func locate(_ answer: @escaping (Result<RedisEndpoint, BackendFailure>) -> Void) { answer(.success(endpoint)) }

    func watch(_ connections: @escaping () -> [RedisConnection]) {}

    func close() {}
}
