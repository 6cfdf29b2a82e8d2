/// Is told of every call to a deployment that one event loop makes. It is bound to that loop.
public protocol AttemptObserver: AnyObject {
    /// A call to a deployment has ended: the head of its answer arrived, or it failed.
    ///
    /// - Parameters:
    ///   - failure: why it failed. It is nil where it did not.
    ///   - beganToRest: whether the deployment rests from now on, for the first time since its last answer.
    func attemptEnded(_ failure: AttemptFailure?, of deployment: Deployment, in group: ModelGroup, beganToRest: Bool)
}

extension AttemptFailure {
    /// The status, or a word for the kind of failure. There are few, so that failures can be counted by them.
    public var reason: String {
        switch self {
        case .status(let status): "\(status)"
        case .error(let error):
            switch error.kind {
            case .connectFailed, .tlsFailed, .proxyRefused: "unreachable"
            case .timedOut: "timeout"
            case .closedEarly, .protocolViolation: "broken"
            case .notConfigured, .notServed, .overloaded, .rateLimited, .shutDown: "unusable"
            }
        }
    }
}
