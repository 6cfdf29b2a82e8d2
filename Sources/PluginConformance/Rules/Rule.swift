/// A rule of the plugin interface that a plugin can break, by the number that `gateway_cache_plugin.h` gives it.
public enum Rule: String, CaseIterable, Sendable, CustomStringConvertible {
    case l1 = "L-1"
    case l2 = "L-2"
    case l3 = "L-3"
    case l4 = "L-4"
    case l5 = "L-5"
    case o1 = "O-1"
    case o2 = "O-2"
    case o3 = "O-3"
    case o4 = "O-4"
    case o5 = "O-5"
    case o6 = "O-6"
    case v1 = "V-1"
    case v2 = "V-2"
    case v3 = "V-3"
    case t2 = "T-2"
    case t4 = "T-4"
    case t5 = "T-5"
    case p1 = "P-1"
    case p2 = "P-2"
    case p5 = "P-5"

    public var description: String { rawValue }

    /// What the rule requires of a plugin, in one sentence.
    public var summary: String {
        switch self {
        case .l1: "A growable struct is read only as far as its struct_size reaches, and has its own size in it."
        case .l2: "Arrays of growable structs are indexed by the stride that comes with them."
        case .l3: "Reserved fields are zero."
        case .l4: "Strings in static descriptors are NUL-terminated UTF-8."
        case .l5: "Every function that a capability promises is there and does what it promises."
        case .o1: "An operation is done, pending or rejected with a negative status."
        case .o2: "A pending operation is completed exactly once, and no other is completed."
        case .o3:
            "An operation's memory is the host's: inputs are not changed, and nothing is touched once it has ended."
        case .o4: "Each item has its own status."
        case .o5: "Only operations that there are get completed."
        case .o6: "The plugin bounds its own waiting by the operation's deadline."
        case .v1: "A value stays valid and unchanged until its lease is released."
        case .v2: "A value without a lease is empty or lives as long as the process."
        case .v3: "Leases are taken back in batches, from any thread."
        case .t2: "Functions may be called on as many threads at once as the thread model says."
        case .t4: "The plugin's own threads have all signals blocked and are joined before destroy returns."
        case .t5: "Once destroy has returned the plugin calls nothing."
        case .p1: "The entry function and validate are pure."
        case .p2: "The plugin leaves the process as it is: working directory, umask, environment, signal handlers."
        case .p5: "The plugin reads the parameters that it declared, and no others."
        }
    }
}

/// A violation of a rule by a plugin.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken.
    public let rule: Rule
    /// What the plugin did, as a sentence without a subject: "completed an operation twice".
    public let what: String

    /// - Parameter what: a sentence without a subject.
    public init(_ rule: Rule, _ what: String) {
        self.rule = rule
        self.what = what
    }

    public var description: String { "\(rule): \(what)" }
}
