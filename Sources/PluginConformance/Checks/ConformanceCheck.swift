/// One property of a plugin that is checked.
public struct ConformanceCheck: Sendable {
    /// What a check needs besides the plugin.
    public struct Needs: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) { self.rawValue = rawValue }

        /// It examines the process as a whole, or the plugin may end it: nothing else may run in the process.
        public static let process = Needs(rawValue: 1)
        /// It examines the library's file.
        public static let file = Needs(rawValue: 2)
        /// It loads the library itself, so that the process must not have done so before.
        public static let unloaded = Needs(rawValue: 4)
        /// It measures time, so that no other check may run at the same time.
        public static let quiet = Needs(rawValue: 8)
    }

    /// The check's name.
    public let id: CheckID
    /// The property of a conformant plugin, as a sentence.
    public let claim: String
    /// The rules that are checked.
    public let rules: [Rule]
    /// What it needs besides the plugin.
    public let needs: Needs
    /// Whether a plugin without the property is only warned of.
    public let isAdvice: Bool
    let body: @Sendable (Trial) throws -> Void

    init(
        _ group: CheckID.Group,
        _ name: String,
        _ claim: String,
        _ rules: [Rule],
        needs: Needs = [],
        isAdvice: Bool = false,
        _ body: @escaping @Sendable (Trial) throws -> Void
    ) {
        id = CheckID(group, name)
        self.claim = claim
        self.rules = rules
        self.needs = needs
        self.isAdvice = isAdvice
        self.body = body
    }

    /// Every check, in the order in which they are run.
    public static let all: [ConformanceCheck] =
        fileChecks + loadChecks + descriptorChecks + hostChecks + parameterChecks + lifecycleChecks + operationChecks
        + valueChecks + keyChecks + batchChecks + modelChecks + completionChecks + deadlineChecks + leaseChecks
        + threadChecks + capabilityChecks + limitChecks + leakChecks + extensionChecks
}
