import Logging
import NIOPosix

/// The resources that the event loops of a process share for its whole life, whatever the configuration is.
struct ServerResources: Sendable {
    /// How many descriptors there are, from which the limits of connections follow.
    let descriptors: DescriptorLimit
    /// `--memory-limit` in bytes, which overrides what a configuration says.
    let memoryOption: Int?
    let connections: OpenConnections
    /// The memory budget of current requests and answers.
    let memory: MemoryBudget
    /// Which deployments made the objects that providers keep.
    let issuedIDs = IssuedIDs()
    /// What the holders of keys with limits use.
    let keyUsages = KeyUsages()
    /// What observes the requests.
    let observation: Observation
    /// Who asks for the configuration to be read again, and what came of it.
    let reloads = Reloads()
    /// What has happened to the process.
    let events = EventJournal()
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
    ///   - memoryOption: how many bytes current requests and answers may take, whatever a configuration says.
    ///   - eventLoops: how many loops serve.
    ///   - isStopping: whether the process was asked to stop.
    ///   - observation: what observes the requests.
    init(
        descriptors: DescriptorLimit,
        memoryOption: Int? = nil,
        eventLoops: Int,
        isStopping: @escaping @Sendable () -> Bool = { false },
        observation: Observation = Observation(),
        log: Logger,
        limitedLog: LimitedLog
    ) {
        self.observation = observation
        self.descriptors = descriptors
        self.memoryOption = memoryOption
        self.connections = OpenConnections(limits: ServerLimits().connections, log: log, events: events)
        self.memory = MemoryBudget(limit: memoryOption ?? MachineMemory().defaultLimit)
        self.longWork = LongWork(eventLoops: eventLoops)
        control.start()
        self.eventLoops = eventLoops
        self.isStopping = isStopping
        self.log = log
        self.limitedLog = limitedLog
    }

    /// Puts the limits of a configuration in force that all event loops share.
    func adopt(_ limits: ServerLimits) {
        connections.limits = limits.connections
        memory.limit = memoryOption ?? limits.memoryBytes ?? MachineMemory().defaultLimit
    }

    /// Logs that a request is refused at a limit or that the gateway fails to answer it, in a few lines a minute for each
    /// reason.
    func report(_ error: APIError) {
        guard error.isReported else { return }
        limitedLog.write(
            .warning,
            error.isOverload ? .overload : .failedRequest,
            // The text of an overload is the gateway's own, and contains only the model's name of its configuration.
            about: error.isOverload ? error.message : error.code ?? "",
            "a request is answered with \(error.status): \(error.message)"
        )
    }
}
