import NIOCore

/// What observes the requests of the process, whatever the configuration is. It lives as long as the process.
final class Observation: Sendable {
    /// Makes what is told of the requests of one event loop. It is called once for each loop, on that loop.
    func observers(on eventLoop: any EventLoop) -> [any TransactionObserver] {
        []
    }
}
