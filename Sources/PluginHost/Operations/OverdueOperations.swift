/// How operations count for the breaker whose deadline has passed before the plugin completed them.
///
/// Usually each counts as a failure at once. A plugin with `PluginCapabilities.partial` knows better whether the whole
/// backend or a part of it did not answer, and says so by how it completes the operation. It is waited for, unless so
/// many operations are overdue already that the plugin itself seems to hang.
struct OverdueOperations: Equatable {
    /// How an operation counts whose deadline has passed.
    enum Verdict: Equatable {
        /// As a failure, now.
        case failure
        /// As its completion says, whenever that comes.
        case whenCompleted
    }

    /// As many operations may be overdue before each further one counts as a failure.
    static let most = 64

    /// Whether the plugin says by its completions what has failed.
    let areJudgedByCompletion: Bool
    /// How many are waited for.
    private(set) var count = 0

    init(areJudgedByCompletion: Bool) {
        self.areJudgedByCompletion = areJudgedByCompletion
    }

    /// One more deadline has passed.
    mutating func deadlinePassed() -> Verdict {
        guard areJudgedByCompletion, count < Self.most else { return .failure }
        count += 1
        return .whenCompleted
    }

    /// An operation is completed whose verdict was `whenCompleted`.
    mutating func completed() {
        count -= 1
    }
}
