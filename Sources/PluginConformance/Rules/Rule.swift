/// A rule of the plugin interface, by the number that `gateway_cache_plugin.h` gives it.
public enum Rule: String, CaseIterable, Sendable, CustomStringConvertible {
    case l1 = "L-1"
    case l2 = "L-2"
    case l3 = "L-3"
    case l4 = "L-4"
    case l5 = "L-5"
    case l6 = "L-6"
    case l7 = "L-7"
    case c1 = "C-1"
    case c2 = "C-2"
    case c3 = "C-3"
    case c4 = "C-4"
    case c5 = "C-5"
    case c6 = "C-6"
    case c7 = "C-7"
    case c8 = "C-8"
    case o1 = "O-1"
    case o2 = "O-2"
    case o3 = "O-3"
    case o4 = "O-4"
    case o5 = "O-5"
    case o6 = "O-6"
    case v1 = "V-1"
    case v2 = "V-2"
    case v3 = "V-3"
    case v4 = "V-4"
    case t1 = "T-1"
    case t2 = "T-2"
    case t3 = "T-3"
    case t4 = "T-4"
    case t5 = "T-5"
    case p1 = "P-1"
    case p2 = "P-2"
    case p3 = "P-3"
    case p4 = "P-4"
    case p5 = "P-5"
    case e1 = "E-1"
    case e2 = "E-2"
    case e3 = "E-3"
    case e4 = "E-4"

    public var description: String { rawValue }

    /// What the rule requires of a plugin, in one sentence.
    public var summary: String {
        switch self {
        case .l1: "A growable struct is read only as far as its struct_size reaches, and has its own size in it."
        case .l2: "Arrays of growable structs are indexed by the stride that comes with them."
        case .l3: "Reserved fields are zero."
        case .l4: "Strings in static descriptors are NUL-terminated UTF-8."
        case .l5: "Every function that a capability promises is there and does what it promises."
        case .l6: "Nobody frees the other side's memory."
        case .l7: "Values that the interface does not have are not given, and unknown flags are ignored."
        case .c1: "Entry and validate may be called at any time."
        case .c2: "create returns within a second, also while the backend is down."
        case .c3: "Functions may be called as soon as start has returned; after a failed start there is only destroy."
        case .c4: "start fails only if the instance can never work, and not because the backend is down."
        case .c5: "shutdown ends by its deadline."
        case .c6: "destroy returns within a second."
        case .c7: "The host names what takes longer."
        case .c8: "Two instances with the same parameters may exist at the same time."
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
        case .v4: "What fails gives no lease."
        case .t1: "Functions of control do not overlap."
        case .t2: "Functions may be called on as many threads at once as the thread model says."
        case .t3: "The host's functions neither call back nor block."
        case .t4: "The plugin's own threads have all signals blocked and are joined before destroy returns."
        case .t5: "Once destroy has returned the plugin calls nothing."
        case .p1: "The entry function and validate are pure."
        case .p2: "The plugin leaves the process as it is: working directory, umask, environment, signal handlers."
        case .p3: "No exception leaves a function."
        case .p4: "The library exports the entry function and nothing else."
        case .p5: "The plugin reads the parameters that it declared, and no others."
        case .e1: "An extension's struct begins with its size."
        case .e2: "A name means one thing for ever."
        case .e3: "An extension is the same struct each time, on any thread, and never goes away."
        case .e4: "Reserved names mean what their drafts say."
        }
    }

    /// Why no check can show that a plugin breaks the rule. It is nil where a check can.
    public var reasonUnchecked: String? {
        switch self {
        case .c7: "It says what the host does."
        case .t1: "The host keeps it; a plugin cannot break it."
        case .t3: "The host keeps it; a plugin cannot break it."
        default: nil
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
