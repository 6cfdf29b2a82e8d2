/// How much a store may hold.
struct StoreLimits: Equatable, Sendable {
    /// All memory of the store, in bytes.
    var maxSize: Int
    /// The longest value, in bytes.
    var maxItemSize: Int

    static let mostShards = 64
    /// Below this many bytes a shard's own queues would be too short to tell what is popular.
    static let leastShardSize = 1 << 20

    /// A power of two, so that bits of the hash choose the shard.
    var shardCount: Int {
        var count = 1
        while count < Self.mostShards, maxSize / (count * 2) >= Self.leastShardSize { count *= 2 }
        return count
    }
}
