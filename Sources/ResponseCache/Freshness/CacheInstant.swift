public import NIOCore

/// A moment by two clocks: the one that dates entries and the one that measures deadlines.
public struct CacheInstant: Sendable, Hashable {
    /// Unix time in milliseconds. It may jump, in either direction.
    public let unixMilliseconds: UInt64
    /// The clock that deadlines are measured by.
    public let monotonic: NIODeadline

    /// A moment by both clocks.
    public init(unixMilliseconds: UInt64, monotonic: NIODeadline) {
        self.unixMilliseconds = unixMilliseconds
        self.monotonic = monotonic
    }
}
