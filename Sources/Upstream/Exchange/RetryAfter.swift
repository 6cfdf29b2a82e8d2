import Glibc
import NIOCore

/// How long a server asks to be left alone.
enum RetryAfter {
    /// The longest that is believed.
    private static let longest: Int64 = 86_400

    /// Reads `retry-after-ms`, which OpenAI sends, or `retry-after`: seconds or a date (RFC 9110 section 10.2.3).
    /// - Parameter wallClock: now, in seconds since 1970.
    static func parse(milliseconds: String?, retryAfter: String?, wallClock: Int64) -> TimeAmount? {
        if let text = readable(milliseconds), let value = Double(text), value >= 0 {
            return .milliseconds(Int64(min(value, Double(longest * 1000))))
        }
        guard let text = readable(retryAfter) else { return nil }
        if let value = Double(text) {
            guard value >= 0 else { return nil }
            return .milliseconds(Int64(min(value, Double(longest)) * 1000))
        }
        guard let date = date(text) else { return nil }
        return .seconds(min(max(date - wallClock, 0), longest))
    }

    /// A value that is short enough to be one: what a server sends may be as long as its head.
    private static func readable(_ text: String?) -> String? {
        text.flatMap { $0.utf8.count <= 64 ? $0 : nil }
    }

    static var wallClock: Int64 { Int64(time(nil)) }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), in seconds since 1970.
    private static func date(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(where: { $0 == parts[2] }),
            let day = Int32(parts[1]), (1...31).contains(day), let year = Int32(parts[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
        var date = tm()
        date.tm_year = year - 1900
        date.tm_mon = Int32(month)
        date.tm_mday = day
        (date.tm_hour, date.tm_min, date.tm_sec) = (clock[0], clock[1], clock[2])
        return Int64(timegm(&date))
    }
}
