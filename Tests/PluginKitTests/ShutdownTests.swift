import PluginAPI
import Testing

@testable import PluginKit

@Suite("Shutdown")
struct ShutdownTests {
    private static let second: UInt64 = 1_000_000_000

    /// Begins a shutdown whose deadline is at ten seconds.
    private func begun(_ body: (inout ShutdownProgress) -> Void) {
        var raw = gw_host()
        raw.complete = { _, _, _ in }
        withUnsafePointer(to: &raw) { host in
            var operation = gw_plain_op()
            operation.op.deadline_ns = 10 * Self.second
            withUnsafeMutablePointer(to: &operation) { operation in
                var progress = ShutdownProgress()
                progress.begin(ShutdownRequest(PlainOperation(raw: operation, host: Host(host))))
                body(&progress)
            }
        }
    }

    private func name(_ step: ShutdownProgress.Step) -> String {
        switch step {
        case .goOn: "go on"
        case .giveUp: "give up"
        case .lookAgain(let due): "look again at \(due)"
        case .done: "done"
        }
    }

    @Test("nothing happens until a shutdown is begun, and it is done at once where nothing is outstanding")
    func nothing() {
        var idle = ShutdownProgress()
        #expect(!idle.isUnderWay && name(idle.step(now: 1, inFlight: 0, leases: 0)) == "go on")
        begun { progress in
            #expect(progress.isUnderWay)
            #expect(name(progress.step(now: 1, inFlight: 0, leases: 0)) == "done")
            #expect(!progress.isUnderWay)
        }
    }

    @Test("a shutdown waits for what is in flight until half a second is left, and then gives it up")
    func inFlight() {
        begun { progress in
            #expect(name(progress.step(now: 1, inFlight: 2, leases: 0)) == "look again at 5000001")
            let late = 10 * Self.second - Self.second / 2
            _ = progress.step(now: late - 1, inFlight: 2, leases: 0)
            #expect(name(progress.step(now: late, inFlight: 2, leases: 0)) == "give up")
            #expect(name(progress.step(now: late, inFlight: 0, leases: 0)) == "done")
        }
    }

    @Test("a shutdown waits for what the host still reads, however long, and looks every five milliseconds")
    func leases() {
        begun { progress in
            #expect(name(progress.step(now: 20 * Self.second, inFlight: 0, leases: 1)) == "look again at 20005000000")
            #expect(name(progress.step(now: 20 * Self.second + 1, inFlight: 0, leases: 1)) == "go on")
            #expect(
                name(progress.step(now: 20_005_000_000, inFlight: 0, leases: 1)) == "look again at 20010000000"
            )
            #expect(name(progress.step(now: 20_005_000_001, inFlight: 0, leases: 0)) == "done")
        }
    }
}
