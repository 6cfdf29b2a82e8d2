import Deadlines
import JSON
import NIOCore
import ResponseCache
import Upstream

/// The resources that one event loop keeps for the life of the process, whatever the configuration is. They are bound
/// to their loop, and none is shared.
final class LoopResources {
    let eventLoop: any EventLoop
    let deadlines: Deadlines
    /// This loop's account of the memory budget.
    let memory: MemoryAccount
    /// The connections to models.
    let upstream: UpstreamClient
    /// What this loop counts.
    let metrics: LoopMetrics
    /// Scratch memory for the request that is being read. It is indexed anew for each request, and never kept across a
    /// return to the loop.
    let document = JSONDocument()
    let keys: CacheKeyBuilder

    init(
        eventLoop: any EventLoop,
        memory: MemoryBudget,
        upstream: UpstreamConfiguration,
        metrics: LoopMetrics = LoopMetrics()
    ) throws {
        self.metrics = metrics
        self.eventLoop = eventLoop
        self.memory = memory.makeAccount()
        deadlines = Deadlines(eventLoop: eventLoop)
        self.upstream = UpstreamClient(eventLoop: eventLoop, deadlines: deadlines, configuration: upstream)
        keys = try CacheKeyBuilder()
    }

    /// The monotonic clock, as precise as timeouts need.
    func now() -> NIODeadline { .now() }

    /// The time by both clocks, for the cache.
    func instant() -> CacheInstant {
        let time = MachineClock.coarse()
        let milliseconds = Int64(time.seconds) &* 1_000 &+ Int64(time.nanoseconds / 1_000_000)
        return CacheInstant(unixMilliseconds: UInt64(clamping: milliseconds), monotonic: .now())
    }
}
