/// Receives reports of calls to deployments that fail, for a log or for counts. Calls that succeed are not reported.
///
/// It is called on the event loops, on several at once, and must not block. No parameter holds a key, a header or a
/// body.
public protocol UpstreamEvents: Sendable {
    /// One attempt failed. Another may follow, so that the client need not notice.
    func attemptFailed(_ failure: AttemptFailure, of deployment: Deployment, in group: ModelGroup)

    /// The deployment rests after failures: others of its group are called first. It is called once in a series of
    /// failures, which an answer ends.
    func leftRotation(_ deployment: Deployment, of group: ModelGroup)

    /// The deployment has answered again after it had left the rotation.
    func returnedToRotation(_ deployment: Deployment, of group: ModelGroup)
}

/// Why an attempt has failed.
public enum AttemptFailure: Sendable, Equatable {
    /// The server answered with a status that means that it cannot serve: 408, 429 or 5xx; or 401 or 403, since the key
    /// that it refuses is the gateway's.
    case status(Int)
    /// There is no answer, or only a part of one.
    case error(UpstreamError)
}
