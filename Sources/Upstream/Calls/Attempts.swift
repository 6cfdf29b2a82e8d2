import NIOCore

/// The attempts of one request. They decide whether a failed attempt is followed by another, and after how long.
///
/// Another deployment is tried at once. If all were tried, there is a pause first: as long as the server requests, or
/// otherwise twice as long each time. A part of it is random, so that many clients do not return at the same time.
struct Attempts {
    enum Outcome: Equatable {
        /// The head of an answer has been received.
        case answer(status: Int, retryAfter: TimeAmount?)
        case failure(UpstreamError)
    }

    enum Verdict: Equatable {
        case retry(after: TimeAmount)
        /// The answer or the error goes to the client.
        case deliver
    }

    static let firstDelay = TimeAmount.milliseconds(500)

    /// How often a failed request may be tried again.
    let retries: Int
    /// How many deployments can be tried.
    let deployments: Int
    /// The time by which the whole request must have ended.
    let deadline: NIODeadline
    let maxDelay: TimeAmount

    /// The positions of the deployments that failed, in order.
    private(set) var tried: [Int] = []

    /// Decides what follows an outcome.
    ///
    /// - Parameters:
    ///   - deployment: the position of the deployment that was tried.
    ///   - chance: a number in 0..<1, which is the random part of a pause.
    mutating func verdict(
        on outcome: Outcome,
        of deployment: Int,
        now: NIODeadline,
        chance: Double
    ) -> Verdict {
        // An answer that is delivered, as nearly all are, takes no set to find out.
        guard tried.count < retries, outcome.isWorthAnotherAttempt || outcome.isOfThisDeployment else {
            return .deliver
        }
        let hasOthers = Set(tried + [deployment]).count < deployments
        guard outcome.isWorthAnotherAttempt || hasOthers else { return .deliver }
        tried.append(deployment)
        if hasOthers { return now < deadline ? .retry(after: .zero) : .deliver }
        let delay: TimeAmount
        if case .answer(_, let asked?) = outcome {
            // An attempt before that time would only be refused again.
            guard asked <= maxDelay else { return .deliver }
            delay = max(.zero, asked)
        } else {
            let longest = min(maxDelay, Self.firstDelay * (1 << min(tried.count - 1, 10)))
            delay = .nanoseconds(Int64(Double(longest.nanoseconds) * (0.5 + 0.5 * min(max(chance, 0), 1))))
        }
        return now + delay < deadline ? .retry(after: delay) : .deliver
    }
}

extension Attempts.Outcome {
    /// The failure of the deployment, for its health. It is nil where the outcome is not a failure.
    var cooldownFailure: Cooldown.Failure? {
        guard isWorthAnotherAttempt else { return nil }
        switch self {
        case .answer(429, let retryAfter): return .overloaded(retryAfter: retryAfter)
        case .answer(_, let retryAfter): return .failed(retryAfter: retryAfter)
        case .failure: return .failed(retryAfter: nil)
        }
    }

    /// The failure that `UpstreamEvents` is notified of. It is nil where there is none.
    var failure: AttemptFailure? {
        switch self {
        case .answer(let status, _): isWorthAnotherAttempt || status == 401 || status == 403 ? .status(status) : nil
        case .failure(let error): error.kind == .shutDown || error.kind == .notServed ? nil : .error(error)
        }
    }
}
