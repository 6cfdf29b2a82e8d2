import PluginKit

/// [I/O thread] Finds the server.
protocol Locator: AnyObject {
    /// Calls `answer` at once or later, but not once the locator is closed.
    func locate(_ answer: @escaping (Result<RedisEndpoint, BackendFailure>) -> Void)

    /// Closes connections that were made with an answer that has become wrong.
    func watch(_ connections: @escaping () -> [RedisConnection])

    /// Closes the locator. Pending queries get no answer.
    func close()
}

/// [I/O thread] Finds the server at the configured address.
final class StandaloneLocator: Locator {
    private let endpoint: RedisEndpoint

    init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    /// Calls `answer` at once.
    func locate(_ answer: @escaping (Result<RedisEndpoint, BackendFailure>) -> Void) { answer(.success(endpoint)) }

    func watch(_ connections: @escaping () -> [RedisConnection]) {}

    func close() {}
}
