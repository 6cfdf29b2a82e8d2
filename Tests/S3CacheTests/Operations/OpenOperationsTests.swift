import PluginAPI
import Testing

@testable import PluginKit
@testable import S3Cache

@Suite("The operations that the host waits for")
struct OpenOperationsTests {
    @Test("are found by their ids until they end, and each gives back the requests that were made for it")
    func requests() {
        var raw = gw_host()
        raw.complete = { _, _, _ in }
        withUnsafePointer(to: &raw) { host in
            var operations = [gw_plain_op(), gw_plain_op()]
            operations[0].op.id = 7
            operations[1].op.id = 8
            operations.withUnsafeMutableBufferPointer { operations in
                guard let start = operations.baseAddress else { return }
                let one = OperationRequest(.ping(PlainOperation(raw: start, host: Host(host))))
                let other = OperationRequest(.ping(PlainOperation(raw: start + 1, host: Host(host))))
                var open = OpenOperations<String>()
                open.insert(one)
                open.insert(other)
                open.add("a", to: one)
                open.add("b", to: other)
                open.add("c", to: one)
                #expect(open.count == 2 && open[7] === one && open[8] === other && open[9] == nil)
                #expect(open.remove(one) == ["a", "c"])
                open.add("d", to: one)
                #expect(open.remove(one).isEmpty, "it has ended")
                #expect(open.requests.map(\.id) == [8] && open[7] == nil)
            }
        }
    }
}
