import Glibc
import JSON
import Logging
import Text

/// The format of log lines.
enum LogFormat: String, CaseIterable, Sendable {
    /// Lines such as `2026-01-31T12:00:00.000Z info listening port=8000`.
    case text
    /// One JSON object a line.
    case json

    /// The greatest length of a line in bytes, with its line end: as much as a pipe accepts whole (`PIPE_BUF` of
    /// Linux).
    static let longestLine = 4_096

    /// Formats one line with its line end. What exceeds `longestLine` is cut off, and the line says so.
    func line(
        level: Logger.Level,
        message: String,
        fields: [(String, String)] = [],
        at time: String = Timestamp.now()
    ) -> [UInt8] {
        var limit = Self.longestLine
        while true {
            let text = render(
                level: level,
                message: message.cut(to: limit),
                fields: fields.map { ($0.0, $0.1.cut(to: limit)) },
                at: time
            )
            // Escapes make text up to six times as long. The rest of the line is short and the gateway's own.
            if text.utf8.count < Self.longestLine || limit == 0 { return Array(text.utf8) + [UInt8(ascii: "\n")] }
            limit = limit * 3 / 4
        }
    }

    private func render(level: Logger.Level, message: String, fields: [(String, String)], at time: String) -> String {
        switch self {
        case .text:
            var line = "\(time) \(level.rawValue) \(Self.printable(message))"
            for (name, value) in fields {
                line += " \(name)="
                if value.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 }) || value.isEmpty {
                    line.appendJSON(value)
                } else {
                    line += Self.printable(value)
                }
            }
            return line
        case .json:
            return JSONWriter.object { line in
                line.member("time", time)
                line.member("level", level.rawValue)
                line.member("message", message)
                for (name, value) in fields { line.member(named: name, value) }
            }
        }
    }

    /// The text without anything that could forge a line or control a terminal.
    private static func printable(_ text: String) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension String {
    /// The text, or its beginning in whole characters (Unicode scalars) of at most `limit` bytes of UTF-8, followed by
    /// its full length.
    fileprivate func cut(to limit: Int) -> String {
        let bytes = utf8
        guard bytes.count > limit else { return self }
        var end = bytes.index(bytes.startIndex, offsetBy: limit)
        while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
        return String(self[..<end]) + "… (cut, it had \(bytes.count) bytes)"
    }
}

/// Formats times as RFC 3339 in UTC, to the millisecond.
enum Timestamp {
    static func now() -> String {
        let time = MachineClock.precise()
        return format(seconds: time.seconds, milliseconds: time.nanoseconds / 1_000_000)
    }

    static func format(seconds: Int, milliseconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock).\(digits(milliseconds, 3))Z"
    }
}
