/// Removes the secrets of an instance's parameters from text that its plugin wrote, in whichever spelling they occur:
/// as configured, percent-encoded or decoded, escaped as in quotes, JSON or XML, as a part of an address, or truncated.
///
/// Every text of a plugin is redacted before anybody sees it: log lines, health reports, failures of operations,
/// reasons why there is no instance. The redaction has to keep the secrets to recognise them; nothing else keeps them
/// after `create`.
///
/// Where a secret is recognised depends on its length, lest a short one hide half of every line: one of eight bytes or
/// more is found anywhere, one of four to seven bytes as a word of its own, and a shorter one only in quotes or as the
/// password of an address.
///
/// The time taken grows in proportion to the text, however many secrets there are.
struct Redaction: Sendable {
    /// Secrets of at least this many bytes are found anywhere.
    private static let anywhere = 8
    /// Secrets of fewer bytes are found only in quotes.
    private static let asWord = 4
    /// The beginning of a secret counts if it has this many bytes and the rest was cut off.
    private static let shortestBeginning = 6
    private static let shortestQuotedBeginning = 16
    /// The greatest length of a text in bytes, and so of the part of a secret that can occur in one.
    private static let longest = 8192

    private let matcher: SecretMatcher

    /// - Parameter secrets: whole values of parameters. Parts of them that are secret by themselves, such as the
    ///   password in an address, are found in them.
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

    /// The spellings of a secret in a text that has been decoded.
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

    /// Replaces each of the ranges, which may overlap, by `***`.
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

    /// The ranges of secrets in the text that the reading was made from.
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

    /// Whether the range is the secret and not a part of another word.
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

    /// Whether the byte is a quote or the first byte of `…`.
    private static func cutsOff(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0xE2 || byte == 0x2E }
}
