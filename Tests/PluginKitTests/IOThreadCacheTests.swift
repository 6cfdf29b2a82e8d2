import PluginAPI
import Synchronization
import Testing

@testable import PluginKit

/// A plugin whose I/O thread is a list of the requested operations.
private final class ListingCache: IOThreadCache {
    final class Messages: Sendable {
        let names = Mutex<[String]>([])
    }

    let messages = Messages()
    let inlet: OperationInlet
    let leases = LeaseCount()

    init(host: Host, parameters: Parameters) throws(PluginFailure) { throw PluginFailure(.defect, "not by a host") }

    init() {
        inlet = OperationInlet { [messages] message in
            let name =
                switch message {
                case .start: "start"
                case .cancel(let id): "cancel \(id)"
                case .shutDown: "shut down"
                }
            messages.names.withLock { $0.append(name) }
        }
    }
}

@Suite("A cache with an I/O thread")
struct IOThreadCacheTests {
    private func withHost(_ body: (Host) -> Void) {
        var raw = gw_host()
        raw.complete = { _, _, _ in }
        withUnsafePointer(to: &raw) { body(Host($0)) }
    }

    @Test("a cache with an I/O thread hands operations over, and none any more once it is shut down")
    func handsOver() {
        withHost { host in
            let cache = ListingCache()
            var operation = gw_plain_op()
            withUnsafeMutablePointer(to: &operation) { raw in
                let operation = PlainOperation(raw: raw, host: host)
                #expect(cache.ping(operation) == .pending)
                cache.cancel(7)
                #expect(cache.shutdown(operation) == .pending)
                #expect(cache.ping(operation) == .rejected(.cancelled))
            }
            #expect(cache.messages.names.withLock { $0 } == ["start", "cancel 7", "shut down"])
        }
    }

    @Test("a value whose parts are together more than can be counted is refused")
    func tooLarge() {
        withHost { host in
            let cache = ListingCache()
            // This is never dereferenced, because only lengths are read.
            let somewhere = UnsafeRawPointer(bitPattern: 16)
            let parts = [gw_slice(p: somewhere, n: UInt64(Int.max)), gw_slice(p: somewhere, n: UInt64(Int.max))]
            parts.withUnsafeBufferPointer { parts in
                var item = gw_item()
                item.parts = parts.baseAddress
                item.n_parts = 2
                withUnsafePointer(to: &item) { item in
                    var operation = gw_set_op()
                    operation.n = 1
                    operation.items = item
                    operation.item_stride = UInt32(MemoryLayout<gw_item>.stride)
                    withUnsafeMutablePointer(to: &operation) {
                        #expect(cache.set(SetOperation(raw: $0, host: host)) == .rejected(.tooLarge))
                    }
                }
            }
            #expect(cache.messages.names.withLock { $0 }.isEmpty)
        }
    }
}
