/// The name of a check, such as `operations.get-returns-what-set-stored`: what is examined, and the claim.
///
/// A name keeps its meaning, so that it can be used in scripts and filters.
public struct CheckID: Hashable, Sendable, CustomStringConvertible {
    /// What is examined.
    public enum Group: String, CaseIterable, Sendable {
        case file, load, descriptor, hosts, parameters, lifecycle, operations, values, keys, batches, model
        case completion, deadlines, leases, threads, capabilities, limits, leaks, extensions
    }

    /// What is examined.
    public let group: Group
    /// The claim in a few words with hyphens between them.
    public let claim: String

    init(_ group: Group, _ claim: String) {
        self.group = group
        self.claim = claim
    }

    public var description: String { "\(group.rawValue).\(claim)" }
}
