/// Entries of `model_list` that are left out because the gateway does not support what they require. The answer to a
/// request for one of them gives the reason, instead of saying that there is no such model.
public struct DisabledModels: Sendable {
    private struct Entry {
        /// The part of the name before its first `*`. It is the whole name where there is no `*`.
        let prefix: [UInt8]
        /// The part of the name after its last `*`.
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
        // Exact names come first, so that they are found before a wildcard that covers them.
        if entry.isWildcard { entries.append(entry) } else { entries.insert(entry, at: 0) }
    }

    /// Why the model of that name is disabled, as a sentence without its full stop. It is nil where no entry has that
    /// name.
    public func reason(for name: String) -> String? {
        let name = name.utf8
        return entries.first { entry in
            guard entry.isWildcard else { return name.elementsEqual(entry.prefix) }
            return name.count >= entry.prefix.count + entry.suffix.count && name.starts(with: entry.prefix)
                && name.suffix(entry.suffix.count).elementsEqual(entry.suffix)
        }?.reason
    }
}
