/// A `model_name` with stars, each of which stands for any part of a name, an empty one too.
///
/// Names come from clients, so that they are compared as bytes, and matching takes time in proportion to the product of
/// the two lengths at most.
struct ModelPattern: Sendable {
    /// The longest name, in bytes, that a pattern covers. A name that is used in a path, a log or an answer must not be
    /// larger than any model's.
    static let longestName = 256
    private static let star = UInt8(ascii: "*")

    /// The parts between the stars, of which there is one more than there are stars.
    private let parts: [[UInt8]]

    /// It is nil where the name has no star.
    init?(_ name: String) {
        parts = name.utf8.split(separator: Self.star, omittingEmptySubsequences: false).map(Array.init)
        if parts.count < 2 { return nil }
    }

    /// How many stars it has.
    var stars: Int { parts.count - 1 }

    /// How many bytes of a name it determines. Of two patterns that cover a name, the one that determines more applies.
    var specificity: Int { parts.reduce(0) { $0 + $1.count } }

    /// Returns what each star stands for in a name. The first star takes as much as it can, then the second, and so on,
    /// as in LiteLLM. It is nil where the pattern does not cover the name, which it never does if the name has control
    /// characters or is longer than `longestName`.
    func match(_ name: String) -> [String]? {
        let bytes = Array(name.utf8.prefix(Self.longestName + 1))
        guard bytes.count <= Self.longestName, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        guard let first = parts.first, bytes.starts(with: first) else { return nil }
        var end = bytes.count
        var found: [String] = []
        // From the end, each part is taken where it occurs last, so that the stars before it take as much as they can.
        for (index, part) in parts.enumerated().dropFirst().reversed() {
            let isLast = index == parts.count - 1
            guard let start = Self.last(part, in: bytes[first.count..<end], atEnd: isLast) else { return nil }
            found.append(String(decoding: bytes[(start + part.count)..<end], as: UTF8.self))
            end = start
        }
        found.append(String(decoding: bytes[first.count..<end], as: UTF8.self))
        // What was found behind the last part is empty, and is not a star's.
        return Array(found.dropFirst().reversed())
    }

    /// The position at which `part` occurs last.
    private static func last(_ part: [UInt8], in bytes: ArraySlice<UInt8>, atEnd: Bool) -> Int? {
        guard bytes.count >= part.count else { return nil }
        let latest = bytes.endIndex - part.count
        if atEnd { return bytes[latest...].elementsEqual(part) ? latest : nil }
        return (bytes.startIndex...latest).last { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }

    /// The text with its stars replaced by what they stand for, in order.
    static func fill(_ text: String, with values: [String]) -> String {
        var filled: [UInt8] = []
        var next = values.startIndex
        for byte in text.utf8 {
            if byte == star, next < values.endIndex {
                filled += values[next].utf8
                next += 1
            } else {
                filled.append(byte)
            }
        }
        return String(decoding: filled, as: UTF8.self)
    }

    /// How many stars a text has.
    static func stars(in text: String) -> Int { text.utf8.count { $0 == star } }
}
