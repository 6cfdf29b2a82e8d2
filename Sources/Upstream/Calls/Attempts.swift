import NIOCore

/// The attempts of one request: whether a failure is tried again, where, and after how long.
///
/// Another deployment is tried at once. The same one again only after a pause: as long as it asks for,
/// else twice as long each time, with a part left to chance so that many clients do not come back together.
struct Attempts {
    enum Outcome: Equatable {
        /// The head of an answer.
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
    /// How many deployments there are to try.
    let deployments: Int
    /// When the request as a whole must be done.
    let deadline: NIODeadline
    let maxDelay: TimeAmount

    /// The deployments that failed, in order.
    private(set) var tried: [Int] = []

    /// - Parameters:
    ///   - deployment: the position of the one that gave the outcome.
    ///   - chance: 0..<1.
    mutating func verdict(
        on outcome: Outcome,
        of deployment: Int,
        now: NIODeadline,
        chance: Double
    ) -> Verdict {
        guard outcome.isWorthAnotherAttempt, tried.count < retries else { return .deliver }
        tried.append(deployment)
        if Set(tried).count < deployments { return now < deadline ? .retry(after: .zero) : .deliver }
        let delay: TimeAmount
        if case .answer(_, let asked?) = outcome {
            // To come back earlier than asked would only be refused again.
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
    /// What it says about the deployment's health; nil: nothing bad.
    var cooldownFailure: Cooldown.Failure? {
        guard isWorthAnotherAttempt else { return nil }
        switch self {
        case .answer(429, let retryAfter): return .overloaded(retryAfter: retryAfter)
        case .answer(_, let retryAfter): return .failed(retryAfter: retryAfter)
        case .failure: return .failed(retryAfter: nil)
        }
    }
}

extension Attempts.Outcome {
    /// What to tell of it; nil: nothing.
    var failure: AttemptFailure? {
        switch self {
        case .answer(let status, _): isWorthAnotherAttempt || status == 401 || status == 403 ? .status(status) : nil
        case .failure(let error): error.kind == .shutDown ? nil : .error(error)
        }
    }
}
