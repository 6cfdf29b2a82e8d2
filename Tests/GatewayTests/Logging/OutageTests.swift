import NIOCore
import ResponseCache
import Testing

@testable import Gateway

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

@Suite("An outage")
struct OutageTests {
    @Test("is logged when it begins and when a call succeeds after five quiet seconds")
    func once() {
        var outage = Outage()
        #expect(outage.succeeded(now: start) == nil)
        #expect(outage.failed(now: start) == .began)
        for second in 1...10 { #expect(outage.failed(now: start + .seconds(Int64(second))) == nil) }
        #expect(outage.succeeded(now: start + .seconds(14)) == nil)
        #expect(outage.succeeded(now: start + .seconds(15)) == .ended(failures: 11, lasted: .seconds(10)))
        #expect(outage.succeeded(now: start + .seconds(16)) == nil)
    }

    @Test("in which calls fail and succeed in turn is one outage, however long")
    func flapping() {
        var outage = Outage()
        var notices = 0
        for step in 0..<100_000 {
            let now = start + .milliseconds(Int64(step) * 5)
            if (step % 2 == 0 ? outage.failed(now: now) : outage.succeeded(now: now)) != nil { notices += 1 }
        }
        #expect(notices == 1)
    }

    @Test("that recurs is logged ever less often")
    func returning() {
        var outage = Outage()
        var begun: [Int64] = []
        // The backend fails for a moment every 6 s, and works in between.
        for second in 0..<3_600 {
            let now = start + .seconds(Int64(second))
            let notice = second % 6 == 0 ? outage.failed(now: now) : outage.succeeded(now: now)
            if notice == .began { begun.append(Int64(second)) }
        }
        #expect(begun == [0, 6])
        // After five quiet minutes it is reported again.
        let later = start + .hours(2)
        _ = outage.succeeded(now: later)
        #expect(outage.failed(now: later + .minutes(5)) == .began)
        #expect(outage.succeeded(now: later + .minutes(5) + .seconds(5)) != nil)
    }

    @Test("of the cache is two lines, though thousands of look-ups fail and succeed in turn")
    func log() {
        let lines = Lines()
        let log = OutageLog(lines.logger, limited: LimitedLog(lines.logger))
        let failure = StorageFailure(code: .timeout, message: "nothing came")
        for _ in 0..<5_000 {
            log.note(.failed(failure))
            log.note(.absent)
            log.noteHit()
        }
        #expect(lines.all == ["warning \(failure); requests go upstream without the cache"])
    }

    @Test("of stores is one line with the backend's words, and none while look-ups fail as well")
    func stores() {
        let lines = Lines()
        let log = OutageLog(lines.logger, limited: LimitedLog(lines.logger))
        let failure = StorageFailure(code: .full, message: "the disk is read-only")
        for _ in 0..<5_000 {
            #expect(log.noteStore(failure))
            #expect(log.noteStore(nil), "it is not over before it has been quiet for a while")
        }
        #expect(!OutageLog(lines.logger, limited: LimitedLog(lines.logger)).noteStore(nil))
        #expect(lines.all == ["warning \(failure); answers are not stored"])
        let both = Lines()
        let other = OutageLog(both.logger, limited: LimitedLog(both.logger))
        other.note(.failed(failure))
        #expect(other.noteStore(failure))
        #expect(both.all.count == 1)
    }

    @Test("of a part of the backend is logged by the plugin, and so is a timeout if the plugin logs those")
    func parts() {
        let lines = Lines()
        let log = OutageLog(lines.logger, limited: LimitedLog(lines.logger), pluginReports: true)
        for code in [.partial, .timeout] as [StorageFailure.Code] {
            log.note(.failed(StorageFailure(code: code, message: "nothing came")))
        }
        #expect(lines.all == [])
        log.note(.failed(StorageFailure(code: .breakerOpen, message: "nothing came")))
        #expect(lines.all.count == 1)
    }

    @Test("is not what an unusable entry is, of which a few lines are logged")
    func unreadable() {
        let lines = Lines()
        let log = OutageLog(lines.logger, limited: LimitedLog(lines.logger))
        for _ in 0..<5_000 {
            log.note(.unreadable(.foreign))
            log.note(.failed(StorageFailure(code: .tooLarge, message: "too large")))
        }
        #expect(lines.all.count == LimitedLog.Kind.unreadableEntry.allowance)
        #expect(lines.all.allSatisfy { $0.contains("could not be used") })
    }
}
