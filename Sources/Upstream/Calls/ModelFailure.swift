/// Says which outcomes of a call are failures of the model. These are tried again, and if the last attempt ends in one,
/// a stale answer from the cache may be served instead.
///
/// Of the statuses, 408, 429 and 5xx are failures of the model, and any other concerns the request. Every error is a
/// failure, but not every error is worth another attempt.
public enum ModelFailure {
    /// Whether an answer with this status is a failure of the model.
    public static func isFailure(status: Int) -> Bool {
        status == 408 || status == 429 || (500..<600).contains(status)
    }
}

extension UpstreamHead {
    /// Whether the model has failed.
    public var isFailure: Bool { ModelFailure.isFailure(status: status) }
}

extension UpstreamError {
    /// Whether another deployment, or the same one later, may succeed.
    var isWorthAnotherAttempt: Bool {
        switch kind {
        case .connectFailed, .tlsFailed, .timedOut, .closedEarly, .protocolViolation, .proxyRefused: true
        case .notConfigured, .notServed, .overloaded, .rateLimited, .shutDown: false
        }
    }
}

extension Attempts.Outcome {
    /// Whether another deployment, or the same one later, may succeed.
    var isWorthAnotherAttempt: Bool {
        switch self {
        case .answer(let status, _): ModelFailure.isFailure(status: status)
        case .failure(let error): error.isWorthAnotherAttempt
        }
    }
    /// Whether only another deployment may succeed, and never this one.
    var isOfThisDeployment: Bool {
        if case .failure(let error) = self { error.kind == .notServed } else { false }
    }
}
