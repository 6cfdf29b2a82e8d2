/// A moment from which on something is no longer valid, as RFC 3339 writes dates and times.
public struct Expiry: Sendable, Hashable {
    /// The moment, in seconds since 1970.
    public let unixSeconds: Int64
    /// The moment as it was written.
    public let text: String

    /// Reads `2026-12-31`, which is the end of that day in UTC, or `2026-12-31T18:00:00Z` or with another offset
    /// (RFC 3339 section 5.6). It is nil for any other text. Fractions of a second are dropped.
    public init?(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), year >= 1970, (1...12).contains(month),
            (1...Self.days(of: month, in: year)).contains(day)
        else { return nil }
        var seconds = Self.days(to: year, month, day) * 86_400
        if reader.bytes.isEmpty {
            seconds += 86_400
        } else {
            guard reader.skip("T", "t", " "), let time = reader.time(), let offset = reader.offset(),
                reader.bytes.isEmpty
            else { return nil }
            seconds += time - offset
        }
        unixSeconds = seconds
        self.text = text
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The days from the beginning of 1970 to a date.
    private static func days(to year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let months = (1..<month).reduce(0) { $0 + days(of: $1, in: year) }
        return (year - 1970) * 365 + leaps + months + day - 1
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func number(_ digits: Int) -> Int64? {
            guard bytes.count >= digits else { return nil }
            var value: Int64 = 0
            for byte in bytes.prefix(digits) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            bytes = bytes.dropFirst(digits)
            return value
        }

        mutating func skip(_ characters: Unicode.Scalar...) -> Bool {
            guard let first = bytes.first, characters.contains(where: { UInt8(ascii: $0) == first }) else {
                return false
            }
            bytes = bytes.dropFirst()
            return true
        }

        /// The time of the day in seconds. A leap second counts as the one before it.
        mutating func time() -> Int64? {
            guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"),
                let second = number(2), second <= 60
            else { return nil }
            if skip(".") {
                let fraction = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                guard !fraction.isEmpty else { return nil }
                bytes = bytes.dropFirst(fraction.count)
            }
            return hour * 3_600 + minute * 60 + min(second, 59)
        }

        /// The offset from UTC in seconds.
        mutating func offset() -> Int64? {
            if skip("Z", "z") { return 0 }
            let isWest = bytes.first == UInt8(ascii: "-")
            guard skip("+", "-"), let hours = number(2), hours < 24, skip(":"), let minutes = number(2), minutes < 60
            else { return nil }
            return (hours * 3_600 + minutes * 60) * (isWest ? -1 : 1)
        }
    }
}
