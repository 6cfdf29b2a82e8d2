/// Entries of `model_list` that are left out because the gateway does not support what they ask for, and why: a request for
/// one of them is told the reason, instead of that there is no such model.
public struct DisabledModels: Sendable {
    private struct Entry {
        /// The name before its first `*`, and behind its last one; a name without any is all prefix.
        let prefix: [UInt8]
        let suffix: [UInt8]
        let isWildcard: Bool
        let reason: String
    }

    private var entries: [Entry] = []

    mutating func add(_ name: String, reason: String) {
        let parts = Array(name.utf8).split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        let entry = Entry(
            prefix: Array(parts.first ?? []),
            suffix: parts.count > 1 ? Array(parts.last ?? []) : [],
            isWildcard: parts.count > 1,
            reason: reason
        )
        // What is named exactly is found before what a wildcard may stand for.
        if entry.isWildcard { entries.append(entry) } else { entries.insert(entry, at: 0) }
    }

    /// Why the model of that name is disabled, a sentence without its full stop; nil where nothing configures it.
    public func reason(for name: String) -> String? {
        let name = name.utf8
        return entries.first { entry in
            guard entry.isWildcard else { return name.elementsEqual(entry.prefix) }
            return name.count >= entry.prefix.count + entry.suffix.count && name.starts(with: entry.prefix)
                && name.suffix(entry.suffix.count).elementsEqual(entry.suffix)
        }?.reason
    }
}
