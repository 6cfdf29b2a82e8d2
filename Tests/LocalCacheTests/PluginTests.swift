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
