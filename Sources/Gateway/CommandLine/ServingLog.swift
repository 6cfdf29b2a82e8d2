import Glibc
import Logging

/// The log of a serving gateway: what writes it, and the logger of everything in the process.
struct ServingLog {
    let logger: Logger
    private let writer: LogWriter
    private let level: LogLevel
    /// `--log-level`, which overrides what a configuration says.
    private let option: Logger.Level?

    /// How long the process waits at its end for the log to be read, in milliseconds.
    private static let patience = 1_000

    /// - Parameter isVerbose: whether details are logged where the command line names no level.
    init(_ serving: ServingOptions, isVerbose: Bool) throws {
        let format = serving.logFormat
        let writer = try LogWriter { count, gap in
            let lines = "\(count) log line\(count == 1 ? " was" : "s were")"
            let text =
                switch gap {
                case .unread: "\(lines) dropped because the log was not read"
                case .refused(let code): "\(lines) lost: \(String(cString: strerror(code)))"
                }
            return format.line(level: .warning, message: text)
        }
        let level = LogLevel(.info)
        self.writer = writer
        self.level = level
        option = serving.logLevel
        logger = Logger(label: "gateway") { _ in LineLogHandler(level: level, format: format, writer: writer) }
        adopt(isVerbose: isVerbose)
    }

    /// - Parameter isVerbose: whether the configuration in force has details logged.
    func adopt(isVerbose: Bool) { level.value = option ?? (isVerbose ? .debug : .info) }

    /// Waits until everything that was logged has been written, for a second at most.
    func flush() { writer.flush(within: Self.patience) }
}
