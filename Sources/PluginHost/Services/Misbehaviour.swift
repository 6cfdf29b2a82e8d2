import Synchronization

/// Counts how often a plugin broke each rule, and logs each kind of violation once.
final class Misbehaviour: Sendable {
    enum Kind: Int, Sendable, CaseIterable {
        case doubleCompletion, staleCompletion, unknownCompletion, inlineCompletion, impossibleValue, lostLease
        case doneWithOpenOperations

        var sentence: String {
            switch self {
            case .doubleCompletion: "completed an operation twice (rule O-2)"
            case .staleCompletion: "completed an operation that was already done (rule O-2)"
            case .unknownCompletion: "completed an operation that never was (rule O-5)"
            case .inlineCompletion: "returned done or an error and also completed the operation (rule O-2)"
            case .impossibleValue: "gave a value that cannot be: too long, or NULL with a length (rule V-1)"
            case .lostLease: "gave a lease but has no release function (rule L-5)"
            case .doneWithOpenOperations: "finished shutdown with operations or leases outstanding (rule O-2)"
            }
        }
    }

    private let counts = Mutex<[Kind: Int]>([:])
    private let report: @Sendable (String) -> Void

    init(report: @escaping @Sendable (String) -> Void) {
        self.report = report
    }

    func note(_ kind: Kind) {
        let isFirst = counts.withLock { counts in
            counts[kind, default: 0] += 1
            return counts[kind] == 1
        }
        if isFirst { report(kind.sentence + "; ignored, and not logged again") }
    }

    func count(_ kind: Kind) -> Int {
        counts.withLock { $0[kind] ?? 0 }
    }

    var total: Int {
        counts.withLock { $0.values.reduce(0, +) }
    }
}
