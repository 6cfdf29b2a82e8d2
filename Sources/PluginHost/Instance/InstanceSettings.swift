public import NIOCore

extension PluginInstance {
    /// How much an instance may do at a time.
    public struct Settings: Sendable {
        /// How many event loops will have a port.
        public var eventLoops: Int
        /// How many operations may be pending on each loop. More are refused as busy.
        public var inFlightPerLoop: Int
        /// The number of threads for a plugin that blocks.
        public var blockingThreads: Int
        /// How many calls may wait for those threads. More are refused as busy.
        public var blockingQueue: Int
        /// The number of I/O threads that the plugin should use at most.
        public var ioThreads: Int
        /// The largest value that is read, in bytes. A larger value in the backend is a failure of its key.
        public var largestValue: Int
        /// The clocks of the instance and its plugin.
        public var clock: PluginClock
        /// How long create, start and destroy may take to return before the instance counts as unusable.
        public var callBudget: TimeAmount
        /// Whether the process was asked to stop, so that nobody waits for the plugin any longer. It is called on the
        /// thread that waits.
        public var isInterrupted: @Sendable () -> Bool
        /// Called with what is logged of a change of the backend's state: the plugin reports one, a breaker opens or
        /// closes, or pings fail or are answered again. It is called on any thread and must not block. The text has no
        /// secrets.
        public var stateChanged: @Sendable (_ isTrouble: Bool, _ text: String) -> Void

        /// Values out of range are corrected: there is at least one event loop, one operation and one byte.
        public init(
            eventLoops: Int,
            inFlightPerLoop: Int = 1024,
            blockingThreads: Int = 8,
            blockingQueue: Int = 1024,
            ioThreads: Int = 1,
            largestValue: Int = 1 << 32,
            clock: PluginClock = .system,
            callBudget: TimeAmount = .seconds(10),
            isInterrupted: @escaping @Sendable () -> Bool = { false },
            stateChanged: @escaping @Sendable (_ isTrouble: Bool, _ text: String) -> Void = { _, _ in }
        ) {
            self.eventLoops = min(max(1, eventLoops), OperationID.mostPorts - 1)
            self.inFlightPerLoop = min(max(1, inFlightPerLoop), OperationID.mostSlots)
            self.blockingThreads = blockingThreads
            self.blockingQueue = blockingQueue
            self.ioThreads = ioThreads
            self.largestValue = max(1, largestValue)
            self.clock = clock
            self.callBudget = callBudget
            self.isInterrupted = isInterrupted
            self.stateChanged = stateChanged
        }
    }
}
