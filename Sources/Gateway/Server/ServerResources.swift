import Logging
import NIOPosix

/// What the event loops of a process share for as long as it lives, whatever configuration is in force.
struct ServerResources: Sendable {
    let limits: ServerLimits
    let routes: RouteTable
    let connections: OpenConnections
    /// What requests and answers under way may take of the memory.
    let memory: MemoryBudget
    /// For what would hold up an event loop.
    let longWork: LongWork
    /// Where plugins are told to end while the gateway serves: one thread, which may block.
    let control = NIOThreadPool(numberOfThreads: 1)
    let eventLoops: Int
    let log: Logger
    /// For lines whose number something outside decides.
    let limitedLog: LimitedLog

    /// - Parameters:
    ///   - memoryLimit: bytes that requests and answers under way may take.
    ///   - eventLoops: how many loops serve.
    init(
        limits: ServerLimits,
        routes: RouteTable,
        memoryLimit: Int,
        eventLoops: Int,
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
        self.log = log
        self.limitedLog = limitedLog
    }

    /// Tells in the log that requests are refused: in one line a minute for each reason.
    func tellRefusal(_ error: APIError) {
        // The text is the gateway's own, with no more of its configuration than the model's name.
        limitedLog.write(
            .warning,
            .overload,
            about: error.message,
            "a request is answered with \(error.status): \(error.message)"
        )
    }
}
