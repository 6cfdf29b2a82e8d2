public import NIOCore

/// A moment by both clocks: the one that entries are dated with and the one that deadlines are counted with.
public struct CacheInstant: Sendable, Hashable {
    /// Unix time in milliseconds. It may jump, in either direction.
    public let unixMilliseconds: UInt64
    public let monotonic: NIODeadline

    public init(unixMilliseconds: UInt64, monotonic: NIODeadline) {
        self.unixMilliseconds = unixMilliseconds
        self.monotonic = monotonic
    }
}
