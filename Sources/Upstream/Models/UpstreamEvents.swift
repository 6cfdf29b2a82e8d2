/// Told when calls to deployments fail, for whoever logs or counts it. A call that succeeds is not told.
///
/// Called on the event loops, from several at once; must not block. No parameter has a key, a header or a body.
public protocol UpstreamEvents: Sendable {
    /// One attempt failed. Another may follow, so that the client need not notice.
    func attemptFailed(_ failure: AttemptFailure, of deployment: Deployment, in group: ModelGroup)

    /// After failures, others of its group are called first until an answer of this one ends the series. Told once for
    /// each series.
    func leftRotation(_ deployment: Deployment, of group: ModelGroup)

    /// It has answered again after it had left the rotation.
    func returnedToRotation(_ deployment: Deployment, of group: ModelGroup)
}

/// Why an attempt is no success.
public enum AttemptFailure: Sendable, Equatable {
    /// The server answered, with a status that says that it cannot serve: 408, 429 or 5xx; or 401 or 403, since the key
    /// that it refuses is the gateway's.
    case status(Int)
    case error(UpstreamError)
}
