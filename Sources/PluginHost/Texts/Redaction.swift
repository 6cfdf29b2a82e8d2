/// Takes the secrets of an instance's parameters out of text that its plugin wrote, in whichever spelling they stand there:
/// as configured, percent-encoded or decoded, escaped as in quotes, JSON or XML, as a part of an address, cut off at the end.
///
/// Every text of a plugin's goes through here before anybody sees it: log lines, health reports, failures of operations,
/// reasons why there is no instance. It has to keep the secrets to know them; it is the one place that does after `create`.
///
/// How freely a secret is looked for depends on its length, lest a short one blot out half of every line: eight bytes or
/// more anywhere; four to seven as a word of their own; fewer only in quotes or as the password of an address.
///
/// The time that it takes grows in proportion to the text, however many secrets there are.
struct Redaction: Sendable {
    /// Secrets of so many bytes are found anywhere.
    private static let anywhere = 8
    /// Secrets of fewer bytes are found in quotes only.
    private static let asWord = 4
    /// A beginning of a secret counts if it is so long and something cut the rest off.
    private static let shortestBeginning = 6
    private static let shortestQuotedBeginning = 16
    /// No text is longer, and so no more of a secret can stand in one, in bytes.
    private static let longest = 8192

    private let matcher: SecretMatcher

    /// - Parameter secrets: whole values of parameters. Parts of them that are secret by themselves, as the password in an
    ///   address, are found in them.
    init(secrets: [String]) {
        var spellings: Set<[UInt8]> = []
        for secret in secrets {
            for part in [Array(secret.utf8)] + SecretParts.secrets(in: secret) {
                for spelling in Self.spellings(of: part) where !spelling.isEmpty {
                    spellings.insert(Array(spelling.prefix(Self.longest)))
                }
            }
        }
        matcher = SecretMatcher(Array(spellings))
    }

    /// What a secret may be called, once the text that it stands in is decoded.
    private static func spellings(of secret: [UInt8]) -> [[UInt8]] {
        let trimmed = Array(secret.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed())
        let onOneLine = secret.map { $0 == 0x0D || $0 == 0x0A ? 0x20 : $0 }
        return [secret, trimmed, onOneLine]
            + TextReading.decodings.map { TextReading(secret).decoded($0).bytes }
    }

    func clean(_ text: String) -> String {
        guard !matcher.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var found: [Range<Int>] = []
        for reading in TextReading(bytes).all { found += secrets(in: reading) }
        return found.isEmpty ? text : String(decoding: Self.blotting(found, in: bytes), as: UTF8.self)
    }

    /// The bytes with `***` in place of each of the ranges, which may overlap.
    static func blotting(_ ranges: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
        var clean: [UInt8] = []
        var position = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > position {
            if range.lowerBound >= position {
                clean += bytes[position..<range.lowerBound]
                clean += "***".utf8
            }
            position = range.upperBound
        }
        return clean + bytes[position...]
    }

    /// Where secrets stand, as ranges of the text that the reading is one of.
    private func secrets(in reading: TextReading) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var node = SecretMatcher.root
        let bytes = reading.bytes
        for index in bytes.indices {
            if Self.cutsOff(bytes[index]), matcher.beginning(node) >= Self.shortestQuotedBeginning {
                found.append(reading.source((index - matcher.beginning(node))..<index))
            }
            node = matcher.next(node, bytes[index])
            matcher.forEachSecret(endingAt: node) { length in
                let range = (index + 1 - length)..<(index + 1)
                if isTaken(range, in: bytes) { found.append(reading.source(range)) }
            }
        }
        if matcher.beginning(node) >= Self.shortestBeginning {
            found.append(reading.source((bytes.count - matcher.beginning(node))..<bytes.count))
        }
        return found
    }

    /// Whether what stands there is the secret and not a piece of another word.
    private func isTaken(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        let before = range.lowerBound > 0 ? bytes[range.lowerBound - 1] : nil
        let after = range.upperBound < bytes.count ? bytes[range.upperBound] : nil
        switch range.count {
        case Self.anywhere...: return true
        case Self.asWord...: return !Self.isLetterOrDigit(before) && !Self.isLetterOrDigit(after)
        default:
            let isQuoted = before == after && before.map { "'\"`".utf8.contains($0) } ?? false
            return isQuoted || (before == UInt8(ascii: ":") && after == UInt8(ascii: "@"))
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte >= 0x80
    }

    /// Quotes, and the first byte of `…`.
    private static func cutsOff(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0xE2 || byte == 0x2E }
}
