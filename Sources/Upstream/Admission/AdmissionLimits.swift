public import NIOCore

/// How many calls to models may be in progress at a time, and how many may wait.
public struct AdmissionLimits: Sendable, Equatable {
    /// How many calls a deployment takes at a time, unless it has a setting of its own.
    public var callsPerDeployment: Int
    /// How many calls all deployments take together. Where it is nil, only their own limits apply.
    public var calls: Int?
    /// How many calls may wait for the deployments of one group. Where it is nil, it is as many as these take at a
    /// time.
    public var waitingCalls: Int?
    /// How long a call may wait.
    public var longestWait: TimeAmount

    /// Makes the limits, with the default limits where nothing is configured.
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
