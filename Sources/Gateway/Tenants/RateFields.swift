extension Tenant {
    /// The header fields that say what is left of the limit a minute, in OpenAI's form. They are nil where there is no
    /// such limit.
    ///
    /// - Parameter now: the time in nanoseconds of the monotonic clock.
    func rateFields(at now: UInt64) -> [(name: String, value: String)]? {
        guard let figures = usage?.figures(limits, at: now) else { return nil }
        return [
            ("x-ratelimit-limit-requests", "\(figures.limit)"),
            ("x-ratelimit-remaining-requests", "\(figures.remaining)"),
            ("x-ratelimit-reset-requests", RateFields.duration(figures.reset)),
        ]
    }
}

/// The form of the header fields about limits.
enum RateFields {
    /// A duration as OpenAI writes it: `20ms`, `8.64s`, `1m0s`.
    ///
    /// - Parameter nanoseconds: the duration, which is rounded up to milliseconds.
    static func duration(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1)
        guard milliseconds >= 1_000 else { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000)
        var fraction = ""
        if rest % 1_000 != 0 {
            var digits = Array("\(1_000 + rest % 1_000)".dropFirst())
            while digits.last == "0" { digits.removeLast() }
            fraction = "." + String(digits)
        }
        return (minutes > 0 ? "\(minutes)m" : "") + "\(rest / 1_000)\(fraction)s"
    }
}
