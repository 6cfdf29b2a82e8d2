/// Durations and sizes with a unit.
enum Quantity {
    private static let durations: [(unit: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9), ("", 1e9),
    ]

    private static let sizes: [(unit: String, bytes: Double)] = [
        ("", 1), ("b", 1), ("k", 1024), ("kb", 1024), ("kib", 1024),
        ("m", 1_048_576), ("mb", 1_048_576), ("mib", 1_048_576),
        ("g", 1_073_741_824), ("gb", 1_073_741_824), ("gib", 1_073_741_824),
        ("t", 1_099_511_627_776), ("tb", 1_099_511_627_776), ("tib", 1_099_511_627_776),
    ]

    /// "250ms", "1.5h", "30": seconds where no unit is given.
    static func nanoseconds(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        return whole(number, times: found.nanoseconds)
    }

    /// "64KB", "1GiB", "4096". All units are powers of 1024.
    static func bytes(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = sizes.first(where: { $0.unit == unit }) else { return nil }
        return whole(number, times: found.bytes)
    }

    /// The product, rounded, if it is a non-negative number that fits.
    static func whole(_ number: Double, times factor: Double) -> Int64? {
        let product = (number * factor).rounded()
        return product >= 0 ? Int64(exactly: product) : nil
    }

    static func duration(_ nanoseconds: Int64) -> String {
        spell(nanoseconds, durations.dropLast().reversed().map { ($0.unit, Int64($0.nanoseconds)) }, smallest: "ns")
    }

    static func size(_ bytes: Int64) -> String {
        spell(
            bytes,
            [("TB", 1_099_511_627_776), ("GB", 1_073_741_824), ("MB", 1_048_576), ("KB", 1024)],
            smallest: " bytes"
        )
    }

    static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }

    private static func spell(_ number: Int64, _ units: [(unit: String, factor: Int64)], smallest: String) -> String {
        for (unit, factor) in units where number != 0 && number % factor == 0 {
            return "\(number / factor)\(unit)"
        }
        return "\(number)\(smallest)"
    }

    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let text = trimmed(text)
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let number = Double(digits), number.isFinite else { return nil }
        return (number, trimmed(String(text.dropFirst(digits.count))).lowercased())
    }
}
