/// Which outcomes of a call are failures of the model, in this one place: they are tried again, and where they are final an
/// answer from the cache that is past its time is better.
///
/// Of what the model answers those are 408, 429 and 5xx; anything else is about the request. An error is a failure whatever its
/// kind, but not each is worth another attempt.
public enum ModelFailure {
    /// Whether an answer with this status is one.
    public static func isFailure(status: Int) -> Bool {
        status == 408 || status == 429 || (500..<600).contains(status)
    }
}

extension UpstreamHead {
    /// Whether the model has failed.
    public var isFailure: Bool { ModelFailure.isFailure(status: status) }
}

extension UpstreamError {
    /// Whether another deployment, or the same one later, may do better.
    var isWorthAnotherAttempt: Bool {
        switch kind {
        case .connectFailed, .tlsFailed, .timedOut, .closedEarly, .protocolViolation, .proxyRefused: true
        case .notConfigured, .overloaded, .shutDown: false
        }
    }
}

extension Attempts.Outcome {
    var isWorthAnotherAttempt: Bool {
        switch self {
        case .answer(let status, _): ModelFailure.isFailure(status: status)
        case .failure(let error): error.isWorthAnotherAttempt
        }
    }
}
