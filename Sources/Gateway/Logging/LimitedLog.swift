import Logging
import NIOCore
import Synchronization

/// The log for lines whose number depends on the outside: on clients, models, backends or plugins. Of each kind a few
/// lines a minute are written. The rest is counted, and reported in one line when the minute is over.
///
/// [any thread] It is shared by all event loops. The number of kinds and subjects must not depend on anything from
/// outside.
final class LimitedLog: Sendable {
    /// The subject of a line.
    enum Kind: Hashable, Sendable {
        /// An entry of the cache cannot be used.
        case unreadableEntry
        /// A call to a model fails. Each deployment's kinds of failure are counted separately.
        case modelFailure
        /// A request is refused, since a limit is reached. Each model and each limit is counted separately.
        case overload
        /// A request is answered with an error of the gateway's own, 5xx. Each code is counted separately.
        case failedRequest
        /// A client's TLS handshake fails. Each reason is counted separately.
        case handshake
        /// A message of a plugin.
        case plugin

        /// How many lines of the kind are written in a minute.
        var allowance: Int {
            switch self {
            case .modelFailure, .unreadableEntry, .handshake, .failedRequest: 3
            case .overload: 1
            // This counts all messages of one plugin at one level, which may be a line for each of many servers.
            case .plugin: 60
            }
        }
    }

    /// How long lines are counted together.
    static let interval = TimeAmount.minutes(1)

    private struct Topic: Hashable {
        let kind: Kind
        let subject: String
    }

    private struct Record {
        var limiter: LogLimiter
        /// The last line that was written, which stands for those that were not.
        var example: Logger.Message
        var level: Logger.Level
    }

    private let log: Logger
    private let records = Mutex<[Topic: Record]>([:])
    private let now: @Sendable () -> UInt64

    init(_ log: Logger, now: @escaping @Sendable () -> UInt64 = { NIODeadline.now().uptimeNanoseconds }) {
        self.log = log
        self.now = now
    }

    /// Writes a line, or counts it.
    ///
    /// - Parameter subject: the subject, which is counted separately from other subjects. It is a name from the
    ///   configuration, or a constant.
    func write(
        _ level: Logger.Level,
        _ kind: Kind,
        about subject: String = "",
        metadata: Logger.Metadata? = nil,
        _ message: @autoclosure () -> Logger.Message
    ) {
        guard level >= log.logLevel else { return }
        let now = now()
        let topic = Topic(kind: kind, subject: subject)
        let verdict = records.withLock { records in
            records[
                topic,
                default: Record(
                    limiter: LogLimiter(
                        allowance: kind.allowance,
                        interval: UInt64(Self.interval.nanoseconds)
                    ),
                    example: "",
                    level: level
                )
            ].limiter.admit(now: now)
        }
        guard case .write(let leftOut) = verdict else { return }
        let message = message()
        let previous = records.withLock { records in
            defer {
                records[topic]?.example = message
                records[topic]?.level = level
            }
            return records[topic]?.example
        }
        if leftOut > 0, let previous { tell(leftOut, like: previous, level) }
        log.log(level: level, message, metadata: metadata)
    }

    /// Reports what was left out in the intervals that are over, and forgets subjects without further lines. It must be
    /// called at intervals.
    ///
    /// - Parameter isLast: whether to report all intervals, since nothing is written afterwards.
    func reportOmitted(isLast: Bool = false) {
        let now = now()
        let notices = records.withLock { records in
            var notices: [(count: Int, example: Logger.Message, level: Logger.Level)] = []
            for (topic, record) in records {
                var limiter = record.limiter
                let count = isLast ? limiter.tell() : limiter.tell(now: now)
                if count > 0 { notices.append((count, record.example, record.level)) }
                if limiter.isIdle(now: now) {
                    records[topic] = nil
                } else {
                    records[topic]?.limiter = limiter
                }
            }
            return notices
        }
        for notice in notices { tell(notice.count, like: notice.example, notice.level) }
    }

    private func tell(_ count: Int, like example: Logger.Message, _ level: Logger.Level) {
        log.log(
            level: level,
            "\(count) more line\(count == 1 ? " was" : "s were") left out that are like this one: \(example)"
        )
    }
}
