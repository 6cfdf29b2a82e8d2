/// Finds the name that was probably meant.
public enum NearestName {
    /// Names of more bytes than this are not compared, since the comparison is quadratic.
    private static let longest = 64

    /// The candidate nearest to `name`: one that differs by typing errors (Damerau-Levenshtein, about one in three
    /// characters), or else one that shares whole words with it (`s3_bucket` and `s3_bucket_name`). It is nil where
    /// none is near.
    public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        // The name may come from outside: only its bytes are compared, since Swift normalises a String to compare it,
        // which takes quadratic time where it holds many combining marks.
        guard !name.isEmpty, name.utf8.count <= longest else { return nil }
        let wanted = normalised(name)
        var best: (name: String, distance: Int)?
        for candidate in candidates where !candidate.utf8.elementsEqual(name.utf8) {
            guard let distance = distance(wanted, normalised(candidate)) else { continue }
            if let current = best, (current.distance, current.name) <= (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// Normalises a name: the case of ASCII letters and the choice between `-` and `_` do not matter.
    private static func normalised(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            if byte == UInt8(ascii: "-") { return UInt8(ascii: "_") }
            return byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
        }
    }

    /// How far apart two names are, by typing errors or else by shared words. It is nil where they have nothing in
    /// common.
    private static func distance(_ wanted: [UInt8], _ candidate: [UInt8]) -> Int? {
        guard !candidate.isEmpty, candidate.count <= longest else { return nil }
        let slips = editDistance(wanted, candidate)
        let allowed = max(1, max(wanted.count, candidate.count) / 3)
        if slips <= allowed, slips < min(wanted.count, candidate.count) { return slips }
        let missing = wordsMissing(wanted, candidate)
        return missing.map { longest + $0 }
    }

    /// The number of words that only one of two names has, where all words of the shorter name are in the longer one.
    private static func wordsMissing(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        let leftWords = Set(left.split(separator: UInt8(ascii: "_")).map(Array.init))
        let rightWords = Set(right.split(separator: UInt8(ascii: "_")).map(Array.init))
        guard !leftWords.isEmpty, leftWords.isSubset(of: rightWords) || rightWords.isSubset(of: leftWords) else {
            return nil
        }
        return leftWords.symmetricDifference(rightWords).count
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one name into the other
    /// (Damerau-Levenshtein, the variant that edits no substring twice).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                var cost = min(
                    previous[column + 1] + 1,
                    current[column] + 1,
                    previous[column] + (leftByte == rightByte ? 0 : 1)
                )
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
