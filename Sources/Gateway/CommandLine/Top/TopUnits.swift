import Glibc

/// Figures as `gateway top` writes them: with three digits that count, and their unit.
enum TopUnits {
    /// Three digits that count: `0.214`, `21.8`, `63,083`. It is `-` where there is no figure.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        if value < 0 { return "-" + number(-value) }
        if value == 0 { return "0" }
        if value >= 99.95 { return grouped(value) }
        let digits = value >= 9.995 ? 1 : value >= 0.9995 ? 2 : value >= 0.0995 ? 3 : 4
        return trimmed(value, digits)
    }

    /// A whole number: `63,083`, and from 100,000 on `1.2M`.
    static func count(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        if value < 100_000 { return grouped(value) }
        for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M")] where value >= unit {
            return number(value / unit) + name
        }
        return number(value / 1000) + "k"
    }

    static func percent(_ part: Double, of whole: Double) -> String {
        whole > 0 ? "\(number((part / whole * 1000).rounded() / 10)) %" : "-"
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value < 1000 ? "\(number(value)) ms" : "\(number(value / 1000)) s"
    }

    static func dollars(_ value: Double) -> String {
        let cents = (value * 100).rounded()
        guard value.isFinite, abs(cents) < 1e15 else { return "-" }
        if value > 0, cents < 100 { return "$" + trimmed(value, 4) }
        let (whole, rest) = (Int(cents) / 100, abs(Int(cents) % 100))
        return "$\(grouped(Double(whole))).\(rest < 10 ? "0" : "")\(rest)"
    }

    static func bytes(_ value: Double?) -> String {
        guard var value else { return "-" }
        var names = ["B", "KiB", "MiB", "GiB"][...]
        while value >= 1024, names.count > 1 {
            value /= 1024
            names = names.dropFirst()
        }
        return "\(number(value)) \(names.first ?? "")"
    }

    /// `45 s`, `12 min`, `3 d 2 h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "-" }
        let seconds = Int(max(0, seconds))
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7_200 { return "\(seconds / 60) min" }
        if seconds < 172_800 { return "\(seconds / 3_600) h \(seconds / 60 % 60) min" }
        return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
    }

    /// The local time of day, as `21:49:04`.
    static func clock(unixMilliseconds: Double) -> String {
        guard unixMilliseconds.isFinite, abs(unixMilliseconds) < 1e15 else { return "" }
        var time = time_t(unixMilliseconds / 1000)
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else { return "" }
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    /// - Parameter digits: how many there are after the point at most.
    private static func trimmed(_ value: Double, _ digits: Int) -> String {
        let unit = [1, 10, 100, 1_000, 10_000][min(max(digits, 0), 4)]
        let scaled = Int((value * Double(unit)).rounded())
        var fraction = String(scaled % unit)
        fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty || digits == 0 ? "\(scaled / unit)" : "\(scaled / unit).\(fraction)"
    }

    /// A whole number with commas.
    private static func grouped(_ value: Double) -> String {
        guard abs(value) < 1e15 else { return "-" }
        var rest = String(Int(value.rounded()).magnitude)
        var groups: [String] = []
        while rest.count > 3 {
            groups.insert(String(rest.suffix(3)), at: 0)
            rest.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }
}
