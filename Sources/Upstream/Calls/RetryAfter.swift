import Glibc
import HTTPSyntax
import NIOCore

/// Reads how long a server asks clients to wait before the next request.
enum RetryAfter {
    /// The longest time that is accepted from a server, in seconds.
    private static let longest: Int64 = 86_400

    /// The time that the fields of an answer request. It is nil where they request none that can be read.
    static func read(_ fields: AnswerFields) -> TimeAmount? {
        parse(
            milliseconds: fields.first("retry-after-ms"),
            retryAfter: fields.first("retry-after"),
            wallClock: wallClock
        )
    }

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
        guard let date = HTTPDate.parse(text) else { return nil }
        return .seconds(min(max(date - wallClock, 0), longest))
    }

    /// The text, unless it is too long for a number or a date: a server may send one as long as its head.
    private static func readable(_ text: String?) -> String? {
        text.flatMap { $0.utf8.count <= 64 ? $0 : nil }
    }

    private static var wallClock: Int64 { Int64(time(nil)) }
}
