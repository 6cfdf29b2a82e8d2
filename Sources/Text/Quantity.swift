/// Durations and sizes as people write them: a number and a unit, such as `250ms` or `64KB`. The gateway's own
/// parameters and those of plugins are read by this one table.
public enum Quantity {
    /// The units of time with their nanoseconds. A number without a unit is in seconds.
    private static let durations: [(unit: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9), ("", 1e9),
    ]

    /// The units of size with their bytes. `KB` is 1024 bytes like `KiB`, as is usual for memory.
    private static let sizes: [(unit: String, bytes: Double)] = [
        ("", 1), ("b", 1), ("k", 0x1p10), ("kb", 0x1p10), ("kib", 0x1p10), ("m", 0x1p20), ("mb", 0x1p20),
        ("mib", 0x1p20), ("g", 0x1p30), ("gb", 0x1p30), ("gib", 0x1p30), ("t", 0x1p40), ("tb", 0x1p40), ("tib", 0x1p40),
    ]

    // MARK: Reading

    /// Reads a duration in seconds. It is nil where the text is negative, is not a number, or has another unit.
    public static func seconds(_ text: String) -> Double? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        return number * (found.nanoseconds / 1e9)
    }

    /// Reads a duration, rounded to nanoseconds. It is also nil where the duration does not fit.
    public static func nanoseconds(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        return whole(number, times: found.nanoseconds)
    }

    /// Reads a size, rounded to bytes. It is nil where the text is negative, is not a number, has another unit, or does
    /// not fit.
    public static func bytes(_ text: String) -> Int64? {
        guard let (number, unit) = split(text), let found = sizes.first(where: { $0.unit == unit }) else { return nil }
        return whole(number, times: found.bytes)
    }

    /// The rounded product. It is nil where the product is negative or does not fit.
    public static func whole(_ number: Double, times factor: Double) -> Int64? {
        let product = (number * factor).rounded()
        return product >= 0 ? Int64(exactly: product) : nil
    }

    /// The text without surrounding spaces, tabs and line feeds.
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

    /// Writes nanoseconds in the largest unit of which they are a whole number, as in `250ms`.
    public static func duration(_ nanoseconds: Int64) -> String {
        spell(nanoseconds, durations.dropLast().reversed().map { ($0.unit, Int64($0.nanoseconds)) }, smallest: "ns")
    }

    /// Writes bytes in the largest unit of which they are a whole number, as in `64KB` or `1000 bytes`.
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
