import PluginAPI
import Testing

@testable import PluginKit

@Suite("Values that are lent to the host")
struct ValueLeasesTests {
    private static let completed: @convention(c) (UnsafePointer<gw_host>?, UInt64, Int32) -> Void = {
        host,
        id,
        status in
        host?.pointee.host_data.assumingMemoryBound(to: [UInt64].self).pointee.append(status == GW_OK ? id : 0)
    }

    /// A get of one key that finds the bytes 1 to 3, and what the host was told to be complete.
    private func withHit(_ body: (ValueLeases, inout gw_result, Host, () -> [UInt64]) -> Void) {
        var completions: [UInt64] = []
        withUnsafeMutablePointer(to: &completions) { completions in
            var raw = gw_host()
            raw.host_data = UnsafeMutableRawPointer(completions)
            raw.complete = Self.completed
            let bytes: [UInt8] = [1, 2, 3]
            withUnsafePointer(to: &raw) { raw in
                bytes.withUnsafeBytes { bytes in
                    let host = Host(raw)
                    let leases = ValueLeases()
                    var result = gw_result()
                    var parts = [
                        gw_slice(p: bytes.baseAddress, n: 1), gw_slice(p: nil, n: 0),
                        gw_slice(p: bytes.baseAddress.map { $0 + 1 }, n: 2),
                    ]
                    parts.withUnsafeMutableBufferPointer { parts in
                        var item = gw_item()
                        item.parts = UnsafePointer(parts.baseAddress)
                        item.n_parts = UInt32(parts.count)
                        withUnsafeMutablePointer(to: &result) { result in
                            withUnsafePointer(to: &item) { item in
                                var get = gw_get_op()
                                (get.n, get.results) = (1, result)
                                get.result_stride = UInt32(MemoryLayout<gw_result>.stride)
                                withUnsafeMutablePointer(to: &get) { get in
                                    guard let value = StoredValue(SetItem(raw: item)) else { return }
                                    leases.lend(value, to: GetOperation(raw: get, host: host), at: 0)
                                }
                            }
                        }
                    }
                    body(leases, &result, host) { completions.pointee }
                }
            }
        }
    }

    private func shutDown(_ leases: ValueLeases, _ host: Host, id: UInt64) -> OperationProgress {
        var operation = gw_plain_op()
        operation.op.id = id
        return withUnsafeMutablePointer(to: &operation) { leases.shutDown(PlainOperation(raw: $0, host: host)) }
    }

    private func takeBack(_ leases: ValueLeases, _ numbers: [UInt64]) {
        numbers.withUnsafeBufferPointer { leases.takeBack(Leases(raw: $0)) }
    }

    @Test("a lent value keeps the bytes of its parts when the plugin has dropped it")
    func bytes() {
        withHit { leases, result, _, _ in
            #expect(result.status == GW_OK && result.lease != 0 && leases.count == 1)
            #expect(Array(UnsafeRawBufferPointer(result.value)) == [1, 2, 3])
            takeBack(leases, [result.lease])
            #expect(leases.count == 0)
        }
    }

    @Test("a shutdown is done at once without a lease, and otherwise completed once, with the last of them")
    func shutdown() {
        withHit { leases, result, host, completed in
            #expect(shutDown(leases, host, id: 7) == .pending)
            takeBack(leases, [0])
            #expect(completed().isEmpty, "a lease of nothing does not count")
            takeBack(leases, [result.lease])
            takeBack(leases, [0])
            #expect(completed() == [7])
            #expect(shutDown(leases, host, id: 8) == .done)
        }
    }
}
