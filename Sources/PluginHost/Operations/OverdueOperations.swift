/// How operations count for the breaker if their deadline passes before the plugin completes them.
///
/// Usually each counts as a failure at once. A plugin with `PluginCapabilities.partial` knows better whether the whole
/// backend or a part of it did not answer, and reports that in the completion. The host waits for the completion,
/// unless so many operations are overdue already that the plugin itself seems to hang.
struct OverdueOperations: Equatable {
    /// How an operation counts after its deadline has passed.
    enum Verdict: Equatable {
        /// It counts as a failure at once.
        case failure
        /// It counts as its completion says, whenever that is received.
        case whenCompleted
    }

    /// How many operations may be overdue before each further one counts as a failure.
    static let most = 64

    /// Whether the plugin reports in its completions what has failed.
    let areJudgedByCompletion: Bool
    /// How many overdue operations are waited for.
    private(set) var count = 0

    init(areJudgedByCompletion: Bool) {
        self.areJudgedByCompletion = areJudgedByCompletion
    }

    /// The deadline of one more operation has passed.
    mutating func deadlinePassed() -> Verdict {
        guard areJudgedByCompletion, count < Self.most else { return .failure }
        count += 1
        return .whenCompleted
    }

    /// An operation whose verdict was `whenCompleted` has been completed.
    mutating func completed() {
        count -= 1
    }
}
