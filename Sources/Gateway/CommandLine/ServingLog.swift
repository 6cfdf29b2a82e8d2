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

    /// What the lines of the access log are written with. It is nil where there is none.
    let access: (format: LogFormat, writer: LogWriter)?

    /// - Parameter isVerbose: whether details are logged where the command line names no level.
    /// - Throws: `CannotServe` where the file of the access log cannot be written.
    init(_ serving: ServingOptions, _ options: AccessLogOptions, isVerbose: Bool) throws {
        let format = serving.logFormat
        let writer = try LogWriter(notice: { Self.notice(of: $0, $1, format) })
        let accessFormat = options.accessLogFormat ?? format
        if let path = options.file {
            let sink = LineSink(file: try LogFile(path: path))
            let bounds = LogQueue.Bounds(bytes: 4 << 20)
            access = (
                accessFormat, try LogWriter(to: sink, bounds: bounds, notice: { Self.notice(of: $0, $1, accessFormat) })
            )
        } else {
            access = options.accessLog.map { _ in (accessFormat, writer) }
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
    func flush() {
        access?.writer.flush(within: Self.patience)
        writer.flush(within: Self.patience)
    }

    /// The line that reports how many lines are missing.
    private static func notice(of count: Int, _ gap: LogWriter.Gap, _ format: LogFormat) -> [UInt8] {
        let lines = "\(count) log line\(count == 1 ? " was" : "s were")"
        let text =
            switch gap {
            case .unread: "\(lines) dropped because the log was not read"
            case .refused(let code): "\(lines) lost: \(String(cString: strerror(code)))"
            }
        return format.line(level: .warning, message: text)
    }
}
