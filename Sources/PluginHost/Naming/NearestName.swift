/// Finds the name that somebody most likely meant.
public enum NearestName {
    /// The candidate closest to `name`, or nil if none is close enough to be worth suggesting.
    ///
    /// Close means: a few slips of the finger away, or the same words with one left out
    /// (`s3_bucket` for `s3_bucket_name`).
    public static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let written = Array(name.lowercased().utf8.prefix(64))
        guard !written.isEmpty else { return nil }
        var best: (name: String, cost: Int)?
        for candidate in candidates {
            let known = Array(candidate.lowercased().utf8.prefix(64))
            guard let cost = cost(from: written, to: known) else { continue }
            if let found = best, found.cost <= cost { continue }
            best = (candidate, cost)
        }
        return best?.name
    }

    private static func cost(from written: [UInt8], to known: [UInt8]) -> Int? {
        let slips = distance(written, known)
        if slips <= max(1, min(written.count, known.count) / 3) { return slips * 4 }
        if sharesWords(written, known) { return 64 + slips }
        return nil
    }

    private static func sharesWords(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        func words(_ bytes: [UInt8]) -> Set<[UInt8]> {
            Set(bytes.split(whereSeparator: { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }).map(Array.init))
        }
        let (first, second) = (words(one), words(other))
        return !first.isEmpty && !second.isEmpty && (first.isSubset(of: second) || second.isSubset(of: first))
    }

    /// Damerau's distance with adjacent transpositions.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, byte) in one.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(other.count + 1)
            for (column, candidate) in other.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (byte == candidate ? 0 : 1))
                if row > 0, column > 0, byte == other[column - 1], one[row - 1] == candidate {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
