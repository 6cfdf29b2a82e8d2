import Deadlines
import Glibc
import JSON
import NIOCore
import ResponseCache
import Upstream

/// What one event loop keeps for as long as the process lives, whatever configuration is in force. Bound to its loop; nothing in
/// it is shared.
final class LoopResources {
    let eventLoop: any EventLoop
    let deadlines: Deadlines
    /// What this loop holds of the memory budget.
    let memory: MemoryAccount
    /// The connections to models.
    let upstream: UpstreamClient
    /// Scratch of the request that is being read: indexed anew for each, never kept across a return to the loop.
    let document = JSONDocument()
    let keys: CacheKeyBuilder

    init(eventLoop: any EventLoop, memory: MemoryBudget, upstream: UpstreamConfiguration) throws {
        self.eventLoop = eventLoop
        self.memory = memory.makeAccount()
        deadlines = Deadlines(eventLoop: eventLoop)
        self.upstream = UpstreamClient(eventLoop: eventLoop, deadlines: deadlines, configuration: upstream)
        keys = try CacheKeyBuilder()
    }

    /// The monotonic clock, to the precision that timeouts need.
    func now() -> NIODeadline { .now() }

    /// Both clocks, for the cache.
    func instant() -> CacheInstant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        let milliseconds = Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec / 1_000_000)
        return CacheInstant(unixMilliseconds: UInt64(clamping: milliseconds), monotonic: .now())
    }
}
