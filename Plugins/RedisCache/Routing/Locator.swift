import PluginKit

/// Finds out where the server is. Bound to the I/O thread.
protocol Locator: AnyObject {
    func locate(_ answer: @escaping (Result<Endpoint, BackendFailure>) -> Void)

    /// Keeps an eye on the connections that were made with its answers.
    func watch(_ links: @escaping () -> [Link])

    func close()
}

/// The server is where the configuration says.
final class StandaloneLocator: Locator {
    private let endpoint: Endpoint

    init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    func locate(_ answer: @escaping (Result<Endpoint, BackendFailure>) -> Void) { answer(.success(endpoint)) }

    func watch(_ links: @escaping () -> [Link]) {}

    func close() {}
}
