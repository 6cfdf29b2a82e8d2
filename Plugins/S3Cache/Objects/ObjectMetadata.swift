/// The headers that an entry is stored with, as LiteLLM writes them, so that bucket policies, lifecycle rules and
/// people who inspect the bucket find what they expect.
struct ObjectMetadata: Equatable {
    let headers: [(name: String, value: String)]

    /// - Parameters:
    ///   - ttl: the time to live in milliseconds, where 0 means no end.
    ///   - now: the time in seconds since 1970.
    init(object: String, ttlMilliseconds ttl: UInt64, now: Int64) {
        let seconds = ttl == 0 ? 31_536_000 : max(1, Int64(clamping: ttl / 1000))
        var headers = [
            ("cache-control", "immutable, max-age=\(seconds), s-maxage=\(seconds)"),
            ("content-disposition", "inline; filename=\"\(Self.fileName(object)).json\""),
            ("content-language", "en"),
            ("content-type", "application/json"),
        ]
        if ttl > 0 {
            // The end is rounded up, so that an entry does not expire early. A date has four digits for its year.
            let end = min(Self.lastDate, now &+ Int64(clamping: ttl / 1000 + (ttl % 1000 == 0 ? 0 : 1)))
            headers.append(("expires", CalendarTime(unix: end).httpDate))
        }
        self.headers = headers.map { (name: $0.0, value: $0.1) }
    }

    /// The last second of the year 9999.
    private static let lastDate: Int64 = 253_402_300_799

    /// Whether an object has expired.
    /// - Parameters:
    ///   - expires: the value of the Expires header. If it is not a date, the object never expires.
    ///   - now: the time in seconds since 1970.
    static func isExpired(_ expires: String?, now: Int64) -> Bool {
        guard let expires, let end = CalendarTime(httpDate: expires) else { return false }
        return end.unix <= now
    }

    /// The characters of a name that are valid between quotes in a header.
    private static func fileName(_ object: String) -> String {
        String(
            object.unicodeScalars.map {
                $0.isASCII && $0.value > 0x1F && $0 != "\"" && $0 != "\\" ? Character($0) : "_"
            }
        )
    }

    static func == (left: ObjectMetadata, right: ObjectMetadata) -> Bool {
        left.headers.map(\.name) == right.headers.map(\.name) && left.headers.map(\.value) == right.headers.map(\.value)
    }
}
