import NIOCore

/// Decides when and for how long a failing deployment rests, which means that others are called first.
///
/// It rests after more failures in a row than its rules allow, or at once when it answered that it is overloaded. Each rest is
/// twice as long as the one before, until an answer ends the series, or as long as the rules say.
struct Cooldown: Equatable {
    enum Failure: Equatable {
        /// There was no connection or no answer in time, or the status was 408 or 5xx.
        case failed(retryAfter: TimeAmount?)
        /// The status was 429.
        case overloaded(retryAfter: TimeAmount?)
    }

    static let firstRest = TimeAmount.seconds(5)
    static let longestRest = TimeAmount.seconds(60)
    /// The longest rest that a server may request with Retry-After.
    static let longestAskedRest = TimeAmount.seconds(300)

    private let rules: CooldownRules
    private(set) var restsUntil: NIODeadline?
    private var failures = 0
    private var rests = 0

    init(_ rules: CooldownRules = CooldownRules()) {
        self.rules = rules
    }

    /// Whether it has begun a rest since the last success.
    var hasRested: Bool { rests > 0 }

    mutating func record(_ failure: Failure, now: NIODeadline) {
        failures = min(failures + 1, 1_000_000)
        let asked: TimeAmount?
        switch failure {
        case .failed(let retryAfter):
            guard failures > rules.allowedFailures || retryAfter != nil else { return }
            asked = retryAfter
        case .overloaded(let retryAfter):
            asked = retryAfter
        }
        // A failure of a request that was in progress when the rest began does not extend the rest.
        if let restsUntil, restsUntil > now, asked == nil { return }
        let own = rules.rest ?? min(Self.longestRest, Self.firstRest * (1 << min(rests, 10)))
        rests = min(rests + 1, 1_000)
        let until = now + (asked.map { max(.zero, min($0, Self.longestAskedRest)) } ?? own)
        restsUntil = max(restsUntil ?? until, until)
    }

    mutating func recordSuccess() {
        self = Cooldown(rules)
    }
}
