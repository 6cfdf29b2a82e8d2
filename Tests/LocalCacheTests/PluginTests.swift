import PluginAPI
import Testing

@testable import LocalCache

@Suite("The local plugin through its C interface")
struct PluginTests {
    @Test("the entry function gives the same descriptor each time, with its parameters")
    func descriptor() throws {
        let plugin = try FakeHost.descriptor()
        #expect(try FakeHost.descriptor() == plugin)
        #expect(plugin.pointee.type.map { String(cString: $0) } == "local")
        #expect(plugin.pointee.default_ttl_ms == 600_000)
        #expect(plugin.pointee.n_params == 2)
        let parameters = try #require(plugin.pointee.params)
        #expect(parameters[0].default_value.map { String(cString: $0) } == "256MB")
    }

    @Test("values of any bytes, in parts or empty, come back with what is left of their life")
    func roundTrip() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        let longest = String(repeating: "k", count: 512)
        #expect(host.set("a", [[0, 255], [], [10, 0]], ttl: 5000) == GW_OK)
        #expect(host.set("empty", []) == GW_OK)
        #expect(host.set(longest, [[9]]) == GW_OK)
        host.clock.pointee += 1_000_000_000
        #expect(host.get(["a", "empty", "none", longest]) == [[0, 255, 10, 0], [], nil, [9]])
        #expect(host.lastTTLs == [4000, 0, 0, 0])
        host.clock.pointee += 4_000_000_000
        #expect(host.get(["a"]) == [nil])
    }

    @Test("an item that exists is kept when only an absent one may be stored")
    func ifAbsent() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        #expect(host.set("a", [[1]], flags: GW_IF_ABSENT) == GW_OK)
        #expect(host.set("a", [[2]], flags: GW_IF_ABSENT) == GW_MISS)
        #expect(host.get(["a"]) == [[1]])
    }

    @Test("a value beyond max_item_size is too big, and one of that size is not")
    func tooBig() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        #expect(host.set("a", [[UInt8](repeating: 1, count: 1 << 20), [1]]) == GW_E2BIG)
        #expect(host.get(["a"]) == [nil])
        #expect(host.set("a", [[UInt8](repeating: 1, count: 1 << 20)]) == GW_OK)
        #expect(host.get(["a"]).first??.count == 1 << 20)
    }

    @Test("what is deleted is gone, and what was not there is said so")
    func deletion() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        #expect(host.set("a", [[1]]) == GW_OK)
        #expect(host.delete("a") == GW_OK)
        #expect(host.get(["a"]) == [nil])
        #expect(host.delete("a") == GW_MISS)
    }

    @Test("a flush removes the keys of its prefix and no other")
    func flush() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        for number in 0..<300 {
            #expect(host.set("acme:\(number)", [[1]]) == GW_OK)
            #expect(host.set("acm:\(number)", [[2]]) == GW_OK)
        }
        #expect(host.flush("acme:") == 300)
        #expect((0..<300).allSatisfy { host.get(["acme:\($0)", "acm:\($0)"]) == [nil, [2]] })
        #expect(host.flush("acme:") == 0)
    }

    @Test("the figures say what happened")
    func statistics() throws {
        let host = try FakeHost()
        defer { host.destroy() }
        #expect(host.set("a", [[1, 2, 3]]) == GW_OK)
        #expect(host.set("b", [[1]], ttl: 1_000) == GW_OK)
        _ = host.get(["a", "b", "c"])
        host.clock.pointee += 2_000_000_000
        _ = host.get(["b"])
        #expect(host.set("d", [[UInt8](repeating: 1, count: 2 << 20)]) == GW_E2BIG)
        let figures = host.statistics()
        #expect(figures["items"] == 1)
        #expect(figures["hits"] == 2 && figures["misses"] == 2)
        #expect(figures["expirations"] == 1 && figures["rejections"] == 1 && figures["evictions"] == 0)
        #expect(figures["bytes"].map { $0 > 3 && $0 < 1 << 20 } == true)
    }

    @Test("shutdown waits for the last lease")
    func shutdown() throws {
        let host = try FakeHost()
        #expect(host.set("a", [[1, 2]]) == GW_OK)
        _ = host.get(["a"], keepingLeases: true)
        #expect(host.shutdown() == GW_PENDING)
        #expect(host.completions.pointee == 0)
        host.releaseKept()
        #expect(host.completions.pointee == 1)
        host.destroy()
    }
}
