import Dispatch
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("The watchdog of a service manager")
struct WatchdogTests {
    @Test("The interval is read as systemd sets it, and belongs to the process that it names")
    func interval() throws {
        let interval = try #require(WatchdogInterval(microseconds: "30000000", process: "7", ownProcess: 7))
        #expect(interval.microseconds == 30_000_000)
        #expect(interval.pauseNanoseconds == 15_000_000_000)
        #expect(WatchdogInterval(microseconds: "1", process: nil) != nil, "without a process it is this one")
        #expect(WatchdogInterval(microseconds: "30000000", process: "8", ownProcess: 7) == nil)
        #expect(WatchdogInterval(microseconds: "30000000", process: "x", ownProcess: 7) == nil)
        for text in [nil, "", "0", "-1", "1s", "18446744073709551616", "18446744073709551615"] {
            #expect(WatchdogInterval(microseconds: text, process: nil) == nil)
        }
    }

    @Test("It pings again and again, and not while an event loop does not respond")
    func pings() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (pings, held) = (Count(), Count())
        let interval = try #require(WatchdogInterval(microseconds: "20000", process: nil))
        var watchdog: Watchdog? = Watchdog(interval) { answers in
            for loop in group.makeIterator() {
                answers.enter()
                loop.execute { answers.leave() }
            }
        } ping: {
            pings.add(1)
        }
        try await until("it pings") { pings.value >= 3 }
        held.add(1)
        group.next().execute {
            held.add(1)
            while held.value > 0 { usleep(1_000) }
        }
        try await until("a loop is held") { held.value == 2 }
        // A question that was answered just before leads to one more.
        try await Task.sleep(for: .milliseconds(50))
        let before = pings.value
        try await Task.sleep(for: .milliseconds(100))
        #expect(pings.value == before)
        held.add(-2)
        try await until("it pings again") { pings.value > before + 2 }
        #expect(watchdog != nil)
        // It asks the loops no more once it is released, except for a question that is under way.
        watchdog = nil
        try await Task.sleep(for: .milliseconds(50))
        try await group.shutdownGracefully()
    }
}

/// A number that several threads change.
private final class Count: Sendable {
    private let atomic = Atomic<Int>(0)
    var value: Int { atomic.load(ordering: .relaxed) }
    func add(_ number: Int) { atomic.add(number, ordering: .relaxed) }
}
