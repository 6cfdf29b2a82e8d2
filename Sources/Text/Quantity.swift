/// Durations and sizes as people write them: a number and a unit, such as `250ms` or `64KB`. The gateway's own
/// parameters and those of plugins are read by this one table.
public enum Quantity {
    /// The units of time, each with its nanoseconds. A number without a unit is seconds.
    private static let durations: [(unit: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9), ("", 1e9),
    ]

    /// The units of size, each with its bytes. `KB` is 1024 bytes as `KiB` is: a cache is memory.
    private static let sizes: [(unit: String, bytes: Double)] = [
        ("", 1), ("b", 1), ("k", 0x1p10), ("kb", 0x1p10), ("kib", 0x1p10), ("m", 0x1p20), ("mb", 0x1p20),
        ("mib", 0x1p20), ("g", 0x1p30), ("gb", 0x1p30), ("gib", 0x1p30), ("t", 0x1p40), ("tb", 0x1p40), ("tib", 0x1p40),
    ]

    // MARK: Reading

    /// The duration that a text says, in seconds. Nil where it is negative, no number, or has another unit.
    public static func seconds(_ text: String) -> Double? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        return number * (found.nanoseconds / 1e9)
    }

    /// The duration that a text says, rounded to nanoseconds. Nil also where that is more than fits.
    public static func nanoseconds(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        return whole(number, times: found.nanoseconds)
    }

    /// The size that a text says, rounded to bytes. Nil where it is negative, no number, has another unit, or is more
    /// than fits.
    public static func bytes(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = sizes.first(where: { $0.unit == unit }) else { return nil }
        return whole(number, times: found.bytes)
    }

    /// The product, rounded, if it is not negative and fits.
    public static func whole(_ number: Double, times factor: Double) -> Int64? {
        let product = (number * factor).rounded()
        return product >= 0 ? Int64(exactly: product) : nil
    }

    /// A text without the spaces, tabs and line feeds around it.
    public static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }

    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let text = trimmed(text)
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let number = Double(digits), number.isFinite else { return nil }
        return (number, trimmed(String(text.dropFirst(digits.count))).lowercased())
    }

    // MARK: Writing

    /// A number of nanoseconds in the largest unit of which it is a whole number: `250ms`.
    public static func duration(_ nanoseconds: Int64) -> String {
        spell(nanoseconds, durations.dropLast().reversed().map { ($0.unit, Int64($0.nanoseconds)) }, smallest: "ns")
    }

    /// A number of bytes in the largest unit of which it is a whole number: `64KB`, `1000 bytes`.
    public static func size(_ bytes: Int64) -> String {
        spell(
            bytes,
            [("TB", 1_099_511_627_776), ("GB", 1_073_741_824), ("MB", 1_048_576), ("KB", 1024)],
            smallest: " bytes"
        )
    }

    private static func spell(_ number: Int64, _ units: [(unit: String, factor: Int64)], smallest: String) -> String {
        for (unit, factor) in units where number != 0 && number % factor == 0 {
            return "\(number / factor)\(unit)"
        }
        return "\(number)\(smallest)"
    }
}
