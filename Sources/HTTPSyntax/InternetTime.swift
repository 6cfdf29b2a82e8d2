import Glibc

/// Times in the form of RFC 3339, such as `2026-11-27T18:40:00Z` or `2026-11-27T19:40:00.250+01:00`.
public enum InternetTime {
    /// Formats Unix time in milliseconds, in UTC and with three digits of the fraction.
    public static func format(milliseconds: UInt64) -> String {
        var time = time_t(clamping: milliseconds / 1000)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "1970-01-01T00:00:00.000Z" }
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date = [(Int(parts.tm_year) + 1900, 4), (Int(parts.tm_mon) + 1, 2), (Int(parts.tm_mday), 2)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return date.map { padded($0.0, $0.1) }.joined(separator: "-") + "T" + clock.joined(separator: ":")
            + "." + padded(Int(milliseconds % 1000), 3) + "Z"
    }

    /// Reads a time as Unix time in milliseconds; further digits of the fraction are ignored. It is nil where the text is
    /// no time from 1970 on. It takes time in proportion to the length of the text.
    public static func milliseconds(_ text: some Collection<UInt8>) -> UInt64? {
        var rest = Array(text)[...]
        guard (20...40).contains(rest.count), let year = number(&rest, 4), skip(&rest, "-"),
            let month = number(&rest, 2), skip(&rest, "-"), let day = number(&rest, 2), skip(&rest, "Tt "),
            let hour = number(&rest, 2), skip(&rest, ":"), let minute = number(&rest, 2), skip(&rest, ":"),
            let second = number(&rest, 2), year >= 1970, (1...12).contains(month),
            (1...days(in: month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else { return nil }
            for place in 0..<3 {
                let digit = digits.dropFirst(place).first ?? UInt8(ascii: "0")
                fraction = fraction * 10 + Int(digit - UInt8(ascii: "0"))
            }
            rest = rest[digits.endIndex...]
        }
        guard let offset = offset(rest) else { return nil }
        var date = tm()
        (date.tm_year, date.tm_mon, date.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        (date.tm_hour, date.tm_min, date.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        let seconds = Int(timegm(&date)) - offset
        return seconds < 0 ? nil : UInt64(seconds) * 1000 + UInt64(fraction)
    }

    /// The seconds by which the local time is ahead of UTC.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        if rest.elementsEqual("Z".utf8) || rest.elementsEqual("z".utf8) { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard skip(&rest, "+-"), let hours = number(&rest, 2), skip(&rest, ":"), let minutes = number(&rest, 2),
            rest.isEmpty, hours < 24, minutes < 60
        else { return nil }
        return (isBehind ? -60 : 60) * (hours * 60 + minutes)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func number(_ text: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        let part = text.prefix(digits)
        guard part.count == digits, part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        text = text.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Skips one of these characters.
    private static func skip(_ text: inout ArraySlice<UInt8>, _ characters: StaticString) -> Bool {
        guard let first = text.first, characters.withUTF8Buffer({ $0.contains(first) }) else { return false }
        text = text.dropFirst()
        return true
    }
}
