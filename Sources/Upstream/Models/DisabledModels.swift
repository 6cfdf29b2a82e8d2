/// Entries of `model_list` that are left out because the gateway does not support what they require. The answer to a
/// request for one of them gives the reason, instead of saying that there is no such model.
public struct DisabledModels: Sendable {
    /// The pattern of a name with stars, or the bytes of an exact name.
    private enum Name {
        case exact([UInt8])
        case pattern(ModelPattern)
    }

    private var entries: [(name: Name, reason: String)] = []

    mutating func add(_ name: String, reason: String) {
        // Exact names come first, so that they are found before a pattern that covers them.
        if let pattern = ModelPattern(name) {
            let isLess = { (entry: (name: Name, reason: String)) in
                if case .pattern(let other) = entry.name { other.specificity < pattern.specificity } else { false }
            }
            entries.insert((.pattern(pattern), reason), at: entries.firstIndex(where: isLess) ?? entries.endIndex)
        } else {
            entries.insert((.exact(Array(name.utf8)), reason), at: 0)
        }
    }

    /// Why the model of that name is disabled, as a sentence without its full stop. It is nil where no entry has that
    /// name.
    public func reason(for name: String) -> String? { entry(for: name)?.reason }

    /// Whether an entry covers the name, and determines more of it than a pattern of that specificity.
    func covers(_ name: String, moreThan specificity: Int) -> Bool {
        entry(for: name).map { $0.specificity > specificity } ?? false
    }

    private func entry(for name: String) -> (specificity: Int, reason: String)? {
        for entry in entries {
            switch entry.name {
            case .exact(let bytes): if name.utf8.elementsEqual(bytes) { return (.max, entry.reason) }
            case .pattern(let pattern):
                if pattern.match(name) != nil { return (pattern.specificity, entry.reason) }
            }
        }
        return nil
    }
}
