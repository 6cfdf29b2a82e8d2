import Glibc
import Logging
import Spelling

/// How log lines are written.
enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-01-31T12:00:00.000Z info listening port=8000`
    case text
    /// One JSON object a line.
    case json
}

/// Writes each record as one line to standard error, in one write, so that lines of several threads do not mix.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let format: LogFormat

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = render(
            level: event.level,
            message: event.message.description,
            fields: fields.map { ($0.key, "\($0.value)") },
            at: Timestamp.now()
        )
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(STDERR_FILENO, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count <= 0, errno != EINTR { return }
            written += max(0, count)
        }
    }

    func render(level: Logger.Level, message: String, fields: [(String, String)], at time: String) -> String {
        switch format {
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
            var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":"
            line.appendJSON(message)
            for (name, value) in fields {
                line += ","
                line.appendJSON(name)
                line += ":"
                line.appendJSON(value)
            }
            return line + "}"
        }
    }

    /// The text without anything that could forge a line or command a terminal.
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

/// RFC 3339 times in UTC, to the millisecond.
enum Timestamp {
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return format(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
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
