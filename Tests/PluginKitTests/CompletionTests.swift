import PluginAPI
import Synchronization
import Testing

@testable import PluginKit

@Suite("Completion")
struct CompletionTests {
    @Test("an operation is completed once, and as a defect if its completion is dropped")
    func exactlyOnce() {
        let log = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
        log.initialize(repeating: 0, count: 2)
        defer { log.deallocate() }
        var raw = gw_host()
        raw.host_data = UnsafeMutableRawPointer(log)
        raw.complete = { host, _, status in
            let log = host?.pointee.host_data.assumingMemoryBound(to: Int32.self)
            log?[0] += 1
            log?[1] = status
        }
        withUnsafePointer(to: &raw) { pointer in
            let host = Host(pointer)
            var operation = gw_plain_op()
            withUnsafeMutablePointer(to: &operation) { operation in
                let operation = PlainOperation(raw: operation, host: host)
                operation.completeLater().finish()
                #expect((log[0], log[1]) == (1, GW_OK))
                operation.completeLater().fail(.unavailable, "gone")
                #expect((log[0], log[1]) == (2, GW_EUNAVAILABLE))
                operation.completeLater().withdraw()
                #expect(log[0] == 2)
                _ = operation.completeLater()
                #expect((log[0], log[1]) == (3, GW_EINTERNAL))
            }
        }
    }
}
