public import NIOCore

/// How a deployment is chosen among those of a group that can be called.
public enum RoutingStrategy: Sendable {
    /// At random, in proportion to the weights.
    case simpleShuffle
    /// The one with the fewest calls in progress in proportion to its weight. Among equals it is chosen at random.
    case leastBusy
}

/// When a deployment rests after failures.
public struct CooldownRules: Sendable, Hashable {
    /// How many failures in a row it may have before it rests.
    public var allowedFailures: Int
    /// How long it rests. Where it is nil, the first rest takes 5 seconds, and each further one twice as long, up to a
    /// minute.
    public var rest: TimeAmount?

    /// Makes rules. By default a deployment rests after the third failure in a row.
    public init(allowedFailures: Int = 2, rest: TimeAmount? = nil) {
        self.allowedFailures = allowedFailures
        self.rest = rest
    }
}
