import Logging

/// Gives each record to the writer as one line.
struct LineLogHandler: LogHandler {
    /// The least level that is logged. Loggers follow the process's unless they are given their own.
    var logLevel: Logger.Level {
        get { own ?? level.value }
        set { own = newValue }
    }
    private var own: Logger.Level?
    private let level: LogLevel
    var metadata: Logger.Metadata = [:]
    let format: LogFormat
    let writer: LogWriter

    init(level: LogLevel, format: LogFormat, writer: LogWriter) {
        self.level = level
        self.format = format
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        writer.write(
            format.line(
                level: event.level,
                message: event.message.description,
                fields: fields.map { ($0.key, "\($0.value)") }
            )
        )
    }
}
