/// How much a store may hold.
struct StoreLimits: Equatable, Sendable {
    /// The limit of all memory of the store, in bytes.
    var maxSize: Int
    /// The limit of a value, in bytes.
    var maxItemSize: Int

    static let mostShards = 64
    /// With fewer bytes a shard's own queues would be too short to find out what is popular.
    static let leastShardSize = 1 << 20

    /// The number of shards, a power of two, so that bits of the hash select the shard.
    var shardCount: Int {
        var count = 1
        while count < Self.mostShards, maxSize / (count * 2) >= Self.leastShardSize { count *= 2 }
        return count
    }
}
