/// The figures of a shard, or of all of them.
struct StoreStatistics: Equatable, Sendable {
    var items: UInt64 = 0
    var bytes: UInt64 = 0
    /// The bytes of entries that are no longer stored but still leased.
    var leasedBytes: UInt64 = 0
    var hits: UInt64 = 0
    var misses: UInt64 = 0
    var evictions: UInt64 = 0
    var expirations: UInt64 = 0
    var rejections: UInt64 = 0

    mutating func add(_ other: StoreStatistics) {
        hits &+= other.hits
        misses &+= other.misses
        evictions &+= other.evictions
        expirations &+= other.expirations
    }
}
