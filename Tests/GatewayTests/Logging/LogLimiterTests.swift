import Logging
import Synchronization
import Testing

@testable import Gateway

@Suite("Log lines whose number depends on the outside")
struct LogLimiterTests {
    @Test("A few are written in an interval; the next interval begins with how many were not")
    func interval() {
        var limiter = LogLimiter(allowance: 2, interval: 60)
        #expect(limiter.admit(now: 100) == .write(leftOut: 0))
        #expect(limiter.admit(now: 100) == .write(leftOut: 0))
        for now in 101..<160 { #expect(limiter.admit(now: UInt64(now)) == .leaveOut) }
        #expect(limiter.tell(now: 159) == 0, "the interval is not over")
        #expect(limiter.admit(now: 160) == .write(leftOut: 59))
        #expect(limiter.admit(now: 161) == .write(leftOut: 0))
        #expect(limiter.admit(now: 162) == .leaveOut)
    }

    @Test("What was left out is reported once, when the interval is over, though no more lines are logged")
    func end() {
        var limiter = LogLimiter(allowance: 1, interval: 60)
        for _ in 0..<5 { _ = limiter.admit(now: 0) }
        #expect(!limiter.isIdle(now: 60))
        #expect(limiter.tell(now: 60) == 4)
        #expect(limiter.tell(now: 61) == 0)
        #expect(limiter.isIdle(now: 61))
        #expect(limiter.admit(now: 61) == .write(leftOut: 0))
    }

    @Test("Kinds and subjects are counted separately, and what was left out is reported with an example")
    func kinds() {
        let lines = Lines()
        let clock = Atomic<UInt64>(0)
        let log = LimitedLog(lines.logger) { clock.load(ordering: .relaxed) }
        for number in 1...100 {
            log.write(.warning, .unreadableEntry, "entry \(number)")
            log.write(.warning, .plugin, about: "a", "a \(number)")
            log.write(.error, .plugin, about: "b", "b \(number)")
        }
        #expect(lines.all.count == LimitedLog.Kind.unreadableEntry.allowance + 2 * LimitedLog.Kind.plugin.allowance)
        log.reportOmitted()
        #expect(!lines.all.contains { $0.contains("left out") })
        clock.store(60_000_000_000, ordering: .relaxed)
        log.reportOmitted()
        let notices = lines.all.filter { $0.contains("left out") }.sorted()
        #expect(
            notices == [
                "error 40 more lines were left out that are like this one: b 60",
                "warning 40 more lines were left out that are like this one: a 60",
                "warning 97 more lines were left out that are like this one: entry 3",
            ]
        )
        log.reportOmitted(isLast: true)
        #expect(lines.all.filter { $0.contains("left out") }.count == 3)
    }

    @Test("At the end everything is reported")
    func last() {
        let lines = Lines()
        let log = LimitedLog(lines.logger) { 0 }
        for number in 1...5 { log.write(.warning, .unreadableEntry, "entry \(number)") }
        log.reportOmitted(isLast: true)
        #expect(lines.all.last == "warning 2 more lines were left out that are like this one: entry 3")
    }

    @Test("Lines below the level cost nothing, and do not count")
    func level() {
        let lines = Lines()
        let log = LimitedLog(lines.logger) { 0 }
        for _ in 0..<100 { log.write(.debug, .unreadableEntry, "not this") }
        log.write(.warning, .unreadableEntry, "this")
        #expect(lines.all == ["warning this"])
    }
}

/// Records what was logged at info and above.
final class Lines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in self } }
    var all: [String] { lines.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { lines.withLock { $0.append("\(event.level) \(event.message)") } }
}
