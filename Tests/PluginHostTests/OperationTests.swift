import Deadlines
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import PluginHost

@Suite("Operations end as the plugin ends them, however it does")
struct OperationTests {
    @Test(
        "a value that is set is found unchanged: inline, from another thread, completed before the call returns",
        arguments: ["inline", "thread", "before", "twice"]
    )
    func hits(behaviour: String) throws {
        let rig = try Rig(behaviour)
        #expect(try rig.set([("a", "hello world"), ("b", "")]) == [.done, .done])
        #expect(try rig.get(["a", "b", "c"]) == ["hello world", "", nil])
        #expect(rig.instance.shutdown(budget: .seconds(20)) == .destroyed)
        let doubles =
            rig.instance.services.misbehaviour.count(.doubleCompletion)
            + rig.instance.services.misbehaviour.count(.staleCompletion)
        #expect(doubles == (behaviour == "twice" ? 2 : 0))
        #expect(rig.log.all.filter { $0.hasPrefix("pluginMisbehaving") }.count <= 2)
    }

    @Test("every lease is given back exactly once")
    func leases() throws {
        for behaviour in ["inline", "thread"] {
            let rig = try Rig(behaviour)
            _ = try rig.set([("a", "1"), ("b", "2")])
            for _ in 0..<100 { _ = try rig.get(["a", "b", "none"]) }
            #expect(rig.statistic("given") == 200)
            #expect(rig.statistic("returned") == 200)
            #expect(rig.statistic("duplicates") == 0)
        }
    }

    @Test("a plugin that never answers costs its reader the deadline, and cancel is called")
    func never() throws {
        let rig = try Rig("never")
        #expect(try rig.get(["a"], within: .milliseconds(30)) == ["<the deadline passed>"])
        #expect(rig.statistic("cancels") == 1)
        guard case .leaked(let open) = rig.instance.shutdown(budget: .milliseconds(50)) else {
            Issue.record("destroyed with an open operation")
            return
        }
        #expect(open.count == 1)
        #expect(rig.log.all.contains { $0.contains("operations still open: 1") })
    }

    @Test("operations in flight have until their deadlines before the plugin is asked to end, and no longer")
    func patience() throws {
        let rig = try Rig("never")
        let clock = ContinuousClock()
        let began = clock.now
        let end = End()
        try rig.onLoop { port in
            let item = PluginItem(key: "a", parts: [ByteBuffer(string: "1")], timeToLiveMilliseconds: nil)
            port.set([item], deadline: .now() + .milliseconds(300)) { _ in end.hasCome.store(true, ordering: .relaxed) }
        }
        guard case .leaked = rig.instance.shutdown(patience: .seconds(20), budget: .milliseconds(50)) else {
            Issue.record("destroyed with an open operation")
            return
        }
        let hasEnded = end.hasCome.load(ordering: .relaxed)
        #expect(hasEnded)
        #expect(clock.now - began >= .milliseconds(300) && clock.now - began < .seconds(10))
    }

    @Test("a completion after the deadline gives the leases back, and the block is used again")
    func late() throws {
        let rig = try Rig("hold")
        _ = try rig.set([("a", "1")])
        #expect(try rig.get(["a"], within: .milliseconds(30)) == ["<the deadline passed>"])
        #expect(try rig.onLoop { $0.blocksInUse } == 1)
        #expect(try rig.get(["go"]) == [nil])
        #expect(try rig.onLoop { $0.blocksInUse } == 0)
        #expect(rig.statistic("given") == 1)
        #expect(rig.statistic("returned") == 1)
        #expect(rig.instance.services.misbehaviour.total == 0)
    }

    @Test("completing an operation that is done, or never was, is counted, logged once and ignored")
    func misbehaving() throws {
        let both = try Rig("both")
        _ = try both.set([("a", "1")])
        for _ in 0..<10 { #expect(try both.get(["a"]) == ["1"]) }
        _ = try both.onLoop { _ in }
        #expect(both.instance.services.misbehaviour.count(.inlineCompletion) == 11)
        #expect(both.log.all.filter { $0.hasPrefix("pluginMisbehaving") }.count == 1)
        let unknown = try Rig("unknown")
        _ = try unknown.get(["a"])
        #expect(unknown.instance.services.misbehaviour.count(.unknownCompletion) == 2)
    }

    @Test(
        "impossible values and failures are failures, not crashes",
        arguments: [
            ("huge", "<a defect of the plugin>"), ("null", "<a defect of the plugin>"),
            ("refuse", "<too many operations in flight>"), ("fail", "<the backend cannot be reached>"),
            ("item", "<the backend cannot be reached>"),
        ]
    )
    func failures(behaviour: String, text: String) throws {
        let rig = try Rig(behaviour)
        #expect(try rig.get(["a"]) == [text])
    }

    @Test("a value larger than the host reads is a failure of its key, and its lease is given back")
    func largeValue() throws {
        let rig = try Rig("inline", largestValue: 10)
        _ = try rig.set([("a", "0123456789"), ("b", "0123456789x")])
        #expect(try rig.get(["a", "b"]) == ["0123456789", "<\(OperationFailure.tooLarge)>"])
        #expect(rig.statistic("returned") == 2)
        #expect(rig.instance.services.misbehaviour.total == 0)
    }

    @Test("a batch larger than the plugin takes is split and joined, in order")
    func batches() throws {
        let rig = try Rig("thread", ["MAX_BATCH=3"])
        let keys = (0..<100).map { "key\($0)" }
        _ = try rig.set(keys.map { ($0, "value of \($0)") })
        #expect(try rig.get(keys) == keys.map { "value of \($0)" })
        #expect(rig.statistic("calls") == 68)
    }

    @Test("a value over the plugin's limit is refused without asking it; its neighbours are stored")
    func tooLarge() throws {
        let rig = try Rig("inline")
        let large = String(repeating: "x", count: 60_001)
        #expect(try rig.set([("a", "1"), ("b", large), ("c", "3")]) == [.done, .failure(.tooLarge), .done])
        #expect(try rig.get(["a", "b", "c"]) == ["1", nil, "3"])
    }

    @Test(
        "an entry that is set by itself ends as one in a batch",
        arguments: [
            ("inline", nil), ("thread", nil), ("before", nil), ("never", OperationFailure.timeout), ("refuse", .busy),
            ("fail", .unavailable),
        ]
    )
    func single(behaviour: String, failure: OperationFailure?) throws {
        let rig = try Rig(behaviour)
        let patience: TimeAmount = behaviour == "never" ? .milliseconds(30) : .seconds(20)
        #expect(try rig.set([("a", "1")], within: patience) == [failure.map { .failure($0) } ?? .done])
        #expect(try rig.set("b", "2", within: patience) == failure)
        if failure == nil { #expect(try rig.get(["a", "b"]) == ["1", "2"]) }
    }

    @Test("an entry by itself that is too large, or whose key no key may be, is refused without asking the plugin")
    func singleRefused() throws {
        let rig = try Rig("inline")
        #expect(try rig.set("a", String(repeating: "x", count: 60_001)) == .tooLarge)
        #expect(try rig.set("", "1") == .invalid)
        #expect(rig.statistic("calls") == 0)
        #expect(try rig.onLoop { $0.blocksInUse } == 0)
    }

    @Test("more operations than may be pending are busy; keys that no key may be are invalid")
    func bounds() throws {
        let rig = try Rig("never", inFlight: 2)
        let outcomes = try rig.onLoop { port in
            (0..<3).map { index in
                let operation = port.get(keys: ["k\(index)"], deadline: .distantFuture)
                return operation.isDone ? Rig.text(operation.outcome(at: 0)) : "pending"
            }
        }
        #expect(outcomes == ["pending", "pending", "<too many operations in flight>"])
        #expect(try rig.get([""]) == ["<the plugin could not accept an argument>"])
        #expect(try rig.get([String(repeating: "k", count: 513)]) == ["<the plugin could not accept an argument>"])
    }

    @Test("a deletion says what there was, a flush counts what it removes, and a ping succeeds")
    func others() throws {
        let rig = try Rig("inline")
        _ = try rig.set([("a:1", "1"), ("a:2", "2"), ("b", "3")])
        let port = rig.port
        let result = try rig.loop.submit {
            var seen: [String] = []
            port.value.delete(keys: ["b", "none"], deadline: .distantFuture) { seen.append("\($0)") }
            port.value.flush(prefix: "a:", deadline: .distantFuture) { seen.append("\($0)") }
            port.value.ping(deadline: .distantFuture) { seen.append("\($0 == nil)") }
            return seen
        }.wait()
        #expect(result.count == 3)
        #expect(result.last == "true")
        #expect(result.dropFirst().first == "success(2)")
        #expect(try rig.get(["a:1", "a:2", "b"]) == [nil, nil, nil])
    }

    @Test("100,000 operations pending at once, completed by several threads, find their own values")
    func many() throws {
        let rig = try Rig("thread", inFlight: 100_000)
        _ = try rig.set((0..<100).map { ("k\($0)", "v\($0)") })
        let promise = rig.loop.makePromise(of: Int.self)
        let port = rig.port
        rig.loop.execute {
            var (wrong, left) = (0, 100_000)
            for index in 0..<100_000 {
                let operation = port.value.get(keys: ["k\(index % 100)"], deadline: .distantFuture)
                operation.whenDone {
                    if Rig.text(operation.outcome(at: 0)) != "v\(index % 100)" { wrong += 1 }
                    operation.release()
                    left -= 1
                    if left == 0 { promise.succeed(wrong) }
                }
            }
        }
        #expect(try promise.futureResult.wait() == 0)
        #expect(rig.statistic("given") == 100_000)
        #expect(rig.statistic("returned") == 100_000)
        #expect(rig.statistic("duplicates") == 0)
        #expect(rig.instance.shutdown(budget: .seconds(20)) == .destroyed)
    }

    @Test("a blocking plugin is called from threads where it may wait, more than one at a time")
    func blocking() throws {
        let rig = try Rig("slow", ["THREADS=GW_THREADS_BLOCKING"])
        let promise = rig.loop.makePromise(of: Bool.self)
        let port = rig.port
        rig.loop.execute {
            var left = 30
            for index in 0..<30 {
                port.value.get(keys: ["k\(index)"], deadline: .distantFuture).whenDone {
                    left -= 1
                    if left == 0 { promise.succeed(port.value.eventLoop.inEventLoop) }
                }
            }
        }
        #expect(try promise.futureResult.wait())
        #expect(rig.statistic("most") == 3)
    }

    @Test("a call whose deadline passes while it waits for a thread is never made, and does not keep its place")
    func blockingDeadlines() throws {
        let rig = try Rig("stuck", ["THREADS=GW_THREADS_BLOCKING"], blockingQueue: 4)
        let outcomes = try rig.getAll(10, within: .milliseconds(50))
        // Three at most are called, four wait, and the others find no place.
        let late = outcomes.filter { $0 == "<\(OperationFailure.timeout)>" }.count
        #expect((4...7).contains(late))
        #expect(outcomes.filter { $0 == "<\(OperationFailure.busy)>" }.count == 10 - late)
        let open = try rig.onLoop { $0.blocksInUse }
        #expect(open <= 3, "only those that the plugin has are open")
        #expect(rig.statistic("calls") == UInt64(open))
        #expect(rig.statistic("cancels") == UInt64(open))
        #expect(rig.instance.shutdown(budget: .seconds(20)) == .destroyed)
        #expect(rig.instance.services.misbehaviour.total == 0)
    }

    @Test("a plugin that holds its one thread is given up, although that thread alone cannot fail often enough")
    func stuckThread() throws {
        let rig = try Rig("stuck", ["THREADS=GW_THREADS_BLOCKING", "MAX_THREADS=1"])
        _ = try rig.getAll(5, within: .milliseconds(30))
        #expect(rig.instance.health.lookups != nil)
        #expect(rig.statistic("calls") == 1)
    }

    @Test("a burst of calls that a blocking plugin cannot make in time does not count against its backend")
    func burst() throws {
        let rig = try Rig("slow", ["THREADS=GW_THREADS_BLOCKING"], inFlight: 4096, blockingQueue: 4096)
        let outcomes = try rig.getAll(3_000, within: .milliseconds(300))
        #expect(outcomes.contains("<\(OperationFailure.timeout)>") && outcomes.contains(nil))
        #expect(rig.instance.health.lookups == nil)
        #expect(try rig.get(["a"]) == [nil])
    }

    @Test("what only a later version of the interface has is read as the header says")
    func later() throws {
        let rig = try Rig("later")
        #expect(try rig.get(["a", "b"]) == [nil, nil], "an unknown positive status of an item")
        #expect(try rig.get(["a"]) == ["<\(OperationFailure.defect)>"], "an unknown positive status of a call")
        #expect(rig.log.all.contains("error: of a later version"))
    }

    @Test("a call that holds an event loop is reported with the plugin and the function, and so is its return")
    func heldLoop() throws {
        let rig = try Rig("hold-loop")
        _ = try rig.get(["a"])
        #expect(waits(10) { rig.log.all.count >= 2 })
        let lines = rig.log.all
        #expect(lines.first?.hasPrefix("error: cache plugin 'chaos' (") == true)
        #expect(lines.first?.contains("has held an event loop in get for 1.") == true)
        #expect(lines.last?.contains("has returned from get after 1.") == true)
    }

    @Test("a serial plugin is never called twice at a time, however many loops there are")
    func serial() throws {
        let folder = try PluginFolder()
        try folder.compile("chaos", ["THREADS=GW_THREADS_SERIAL"])
        let plugin = try folder.load("chaos")
        let values = ParameterChecker(pluginType: "chaos", parameters: plugin.parameters)
            .check([("behaviour", .string("slow"))]).values
        let instance = try PluginInstance.create(
            plugin,
            name: "test",
            parameters: values,
            hostVersion: "1",
            settings: .init(eventLoops: 4),
            log: LogLines().log
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 4)
        let done = (0..<4).map { _ in
            let loop = group.next()
            return loop.submit {
                let port = try instance.port(deadlines: Deadlines(eventLoop: loop))
                for index in 0..<20 { port.get(keys: ["k\(index)"], deadline: .distantFuture).release() }
            }
        }
        for future in done { try future.wait() }
        let statistics = Dictionary(uniqueKeysWithValues: instance.statistics().map { ($0.name, $0.value) })
        #expect(statistics["most"] == 1)
        #expect(statistics["calls"] == 80)
        #expect(instance.shutdown(budget: .seconds(20)) == .destroyed)
        try group.syncShutdownGracefully()
    }

    @Test("an instance is not destroyed while somebody reads its values")
    func shutdownWithLeases() throws {
        let rig = try Rig("inline")
        _ = try rig.set([("a", "1")])
        let port = rig.port
        let kept = try rig.loop.submit {
            Rig.Loop(value: port.value.get(keys: ["a"], deadline: .distantFuture))
        }.wait()
        #expect(rig.instance.shutdown(budget: .milliseconds(50)) == .leaked(openOperations: []))
        let value = try rig.loop.submit {
            defer { kept.value.release() }
            return Rig.text(kept.value.outcome(at: 0))
        }.wait()
        #expect(value == "1")
        #expect(try rig.get(["a"]) == ["<cancelled>"])
    }
}

/// Whether something has ended, for several threads.
private final class End: Sendable {
    let hasCome = Atomic<Bool>(false)
}
