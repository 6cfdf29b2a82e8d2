/// A moment in UTC, split into the fields of a date (proleptic Gregorian calendar).
struct CalendarTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    private static let secondsPerDay: Int64 = 86_400
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter unix: the time in seconds since 1970.
    init(unix: Int64) {
        let unix = min(max(unix, -62_135_596_800), 253_402_300_799)
        let days = unix >= 0 ? unix / Self.secondsPerDay : (unix - Self.secondsPerDay + 1) / Self.secondsPerDay
        let rest = Int(unix - days * Self.secondsPerDay)
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        // This is Howard Hinnant's algorithm "days from civil", by eras of 400 years that begin on 1 March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
    }

    /// The time in seconds since 1970.
    var unix: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * Self.secondsPerDay + Int64(hour * 3600 + minute * 60 + second)
    }

    /// The date in the form of AWS signatures: `20150830`.
    var basicDate: String { Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(day, 2) }

    /// The time in the form of AWS signatures: `20150830T123600Z`.
    var basicTime: String {
        basicDate + "T" + Self.padded(hour, 2) + Self.padded(minute, 2) + Self.padded(second, 2) + "Z"
    }

    /// The time in the form of HTTP: `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 section 5.6.7).
    var httpDate: String {
        let days = unix >= 0 ? unix / Self.secondsPerDay : (unix - Self.secondsPerDay + 1) / Self.secondsPerDay
        let weekday = Self.weekdays[Int(((days % 7) + 7) % 7)]
        let date = "\(Self.padded(day, 2)) \(Self.months[(month - 1) % 12]) \(Self.padded(year, 4))"
        return "\(weekday), \(date) \(Self.padded(hour, 2)):\(Self.padded(minute, 2)):\(Self.padded(second, 2)) GMT"
    }

    /// Reads an HTTP date in the only form that is in use. It is nil for any other text.
    init?(httpDate text: some StringProtocol) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" })
        guard words.count == 6 || words.count == 5, words.last == "GMT" || words.last == "UTC",
            let day = Int(words[1]), let month = Self.months.firstIndex(where: { $0 == words[2] }),
            let year = Int(words[3]),
            words.count == 6
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int($0) }
        self.init(year, month + 1, day, clock)
    }

    /// Reads `2015-08-30T12:36:00Z` (ISO 8601) without its fractions of a second. It is nil for any other text.
    init?(iso8601 text: some StringProtocol) {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].hasSuffix("Z") || parts[1].hasSuffix("+00:00") else { return nil }
        let date = parts[0].split(separator: "-").compactMap { Int($0) }
        let clock = parts[1].prefix { $0 != "Z" && $0 != "+" && $0 != "." }.split(separator: ":").compactMap { Int($0) }
        guard date.count == 3 else { return nil }
        self.init(date[0], date[1], date[2], clock)
    }

    private init?(_ year: Int, _ month: Int, _ day: Int, _ clock: [Int]) {
        guard clock.count == 3, (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (hour, minute, second) = (clock[0], clock[1], clock[2])
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
