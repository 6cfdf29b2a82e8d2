/// Which traces are recorded: `OTEL_TRACES_SAMPLER`.
public enum TraceSampler: Sendable, Equatable {
    case all
    case none
    /// A share of traces, by their ids, so that every service which has the same share records the same ones.
    case ratio(Double)
    /// What the client decided; and for a trace that begins here, another rule.
    indirect case parentBased(TraceSampler)

    /// Whether a trace is recorded.
    ///
    /// - Parameter parent: the client's part of it. It is nil where the trace begins here.
    public func records(_ traceID: TraceID, parent: TraceParent?) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .ratio(let share): Self.isWithin(share, traceID)
        case .parentBased(let root): parent?.isSampled ?? root.records(traceID, parent: nil)
        }
    }

    /// Whether no trace is ever recorded.
    public var recordsNothing: Bool { self == .none || self == .ratio(0) }

    /// Compares the last 63 bits of the id with the share of the numbers there are, as other implementations do.
    private static func isWithin(_ share: Double, _ traceID: TraceID) -> Bool {
        guard share < 1 else { return true }
        guard share > 0 else { return false }
        return traceID.low >> 1 < UInt64(share * 0x1p63)
    }
}

extension TraceSampler {
    /// The names that `OTEL_TRACES_SAMPLER` may have.
    public static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio",
    ]

    /// The sampler of a name, with the share where it needs one. It is nil for any other name.
    init?(name: String, share: Double) {
        switch name {
        case "always_on": self = .all
        case "always_off": self = .none
        case "traceidratio": self = .ratio(share)
        case "parentbased_always_on": self = .parentBased(.all)
        case "parentbased_always_off": self = .parentBased(.none)
        case "parentbased_traceidratio": self = .parentBased(.ratio(share))
        default: return nil
        }
    }
}
