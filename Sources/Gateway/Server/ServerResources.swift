import Logging
import NIOPosix

/// The resources that the event loops of a process share for its whole life, whatever the configuration is.
struct ServerResources: Sendable {
    let limits: ServerLimits
    let routes: RouteTable
    let connections: OpenConnections
    /// The memory budget of current requests and answers.
    let memory: MemoryBudget
    /// Which deployments made the objects that providers keep.
    let issuedIDs = IssuedIDs()
    /// Runs work that would block an event loop.
    let longWork: LongWork
    /// The thread on which plugins are shut down while the gateway serves. It may block.
    let control = NIOThreadPool(numberOfThreads: 1)
    let eventLoops: Int
    /// Whether the process was asked to stop, so that nothing waits for a plugin any longer. [any thread]
    let isStopping: @Sendable () -> Bool
    let log: Logger
    /// The log for lines whose number depends on the outside.
    let limitedLog: LimitedLog

    /// - Parameters:
    ///   - memoryLimit: how many bytes current requests and answers may take.
    ///   - eventLoops: how many loops serve.
    ///   - isStopping: whether the process was asked to stop.
    init(
        limits: ServerLimits,
        routes: RouteTable,
        memoryLimit: Int,
        eventLoops: Int,
        isStopping: @escaping @Sendable () -> Bool = { false },
        log: Logger,
        limitedLog: LimitedLog
    ) {
        self.limits = limits
        self.routes = routes
        self.connections = OpenConnections(limits: limits.connections, log: log)
        self.memory = MemoryBudget(limit: memoryLimit)
        self.longWork = LongWork(eventLoops: eventLoops)
        control.start()
        self.eventLoops = eventLoops
        self.isStopping = isStopping
        self.log = log
        self.limitedLog = limitedLog
    }

    /// Logs that requests are refused, in one line a minute for each reason.
    func reportRefusal(_ error: APIError) {
        // The text is the gateway's own, and contains only the model's name of its configuration.
        limitedLog.write(
            .warning,
            .overload,
            about: error.message,
            "a request is answered with \(error.status): \(error.message)"
        )
    }
}
