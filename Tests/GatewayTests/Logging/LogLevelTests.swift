import Logging
import Testing

@testable import Gateway

@Suite("The level of the log")
struct LogLevelTests {
    @Test("changes for all loggers at once, except those that have their own", arguments: Logger.Level.allCases)
    func change(to level: Logger.Level) throws {
        let shared = LogLevel(.info)
        let writer = try LogWriter(to: LineSink(descriptor: -1)) { _, _ in [] }
        let logger = Logger(label: "test") { _ in LineLogHandler(level: shared, format: .text, writer: writer) }
        var own = logger
        own.logLevel = .error
        #expect(logger.logLevel == .info)
        shared.value = level
        #expect(logger.logLevel == level && own.logLevel == .error)
    }
}
