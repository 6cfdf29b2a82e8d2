public import NIOCore

/// How many calls to models are taken on at a time, where a deployment does not say otherwise.
public struct AdmissionLimits: Sendable, Equatable {
    /// Calls that a deployment takes at a time.
    public var callsPerDeployment: Int
    /// Calls to all deployments together; nil: no more limit than theirs.
    public var calls: Int?
    /// Calls that may wait for the deployments of one group; nil: as many as these take at a time.
    public var waitingCalls: Int?
    /// How long a call may wait.
    public var longestWait: TimeAmount

    /// Limits that hold where nothing else is configured.
    public init(
        callsPerDeployment: Int = 1_000,
        calls: Int? = nil,
        waitingCalls: Int? = nil,
        longestWait: TimeAmount = .seconds(5)
    ) {
        self.callsPerDeployment = callsPerDeployment
        self.calls = calls
        self.waitingCalls = waitingCalls
        self.longestWait = longestWait
    }
}
