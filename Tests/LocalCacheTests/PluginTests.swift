import PluginAPI
import PluginConformance
import Testing

@testable import LocalCache

@Suite("The local plugin through its C interface")
struct PluginTests {
    @Test("the local plugin keeps every rule of the interface")
    func conformance() throws {
        let report = ConformanceSuite(try LocalPlugin.plugin(), ["max_size": "64MB"]).run()
        #expect(report.isConformant, "\(report)")
        #expect(report.results.allSatisfy { $0.verdict == .passed || $0.verdict.word == "SKIPPED" }, "\(report)")
    }

    @Test("the entry function gives the same descriptor each time, with its parameters")
    func descriptor() throws {
        let plugin = try LocalPlugin.plugin()
        #expect(try LocalPlugin.plugin().descriptor == plugin.descriptor)
        #expect(plugin.type == "local")
        #expect(plugin.descriptor.pointee.default_ttl_ms == 600_000)
        #expect(plugin.descriptor.pointee.n_params == 2)
        let parameters = try #require(plugin.descriptor.pointee.params)
        #expect(parameters[0].default_value.map { String(cString: $0) } == "256MB")
    }

    @Test("values of any bytes, in parts or empty, come back as long as they live")
    func roundTrip() throws {
        let plugin = try LocalPlugin()
        let longest = String(repeating: "k", count: 512)
        #expect(try plugin.set("a", [[0, 255], [], [10, 0]], ttl: 5000) == GW_OK)
        #expect(try plugin.set("empty", []) == GW_OK)
        #expect(try plugin.set(longest, [[9]]) == GW_OK)
        plugin.driver.clock.advance(bySeconds: 1)
        let found = try plugin.outcome(plugin.driver.get(["a", "empty", "none", longest]))
        #expect(found.bytes == [[0, 255, 10, 0], [], nil, [9]])
        plugin.driver.release(found.leases)
        plugin.driver.clock.advance(bySeconds: 4)
        #expect(try plugin.get(["a"]) == [nil])
        try plugin.end()
    }

    @Test("a value beyond max_item_size is too big, and one of that size is not")
    func tooBig() throws {
        let plugin = try LocalPlugin()
        #expect(try plugin.set("a", [[UInt8](repeating: 1, count: 1 << 20), [1]]) == GW_E2BIG)
        #expect(try plugin.get(["a"]) == [nil])
        #expect(try plugin.set("a", [[UInt8](repeating: 1, count: 1 << 20)]) == GW_OK)
        #expect(try plugin.get(["a"]).first??.count == 1 << 20)
        try plugin.end()
    }

    @Test("what is deleted is gone, and deleting what was not there is a miss")
    func deletion() throws {
        let plugin = try LocalPlugin()
        #expect(try plugin.set("a", [[1]]) == GW_OK)
        #expect(try plugin.delete("a") == GW_OK)
        #expect(try plugin.get(["a"]) == [nil])
        #expect(try plugin.delete("a") == GW_MISS)
        try plugin.end()
    }

    @Test("a flush removes the keys of its prefix and no other")
    func flush() throws {
        let plugin = try LocalPlugin()
        for number in 0..<300 {
            #expect(try plugin.set("acme:\(number)", [[1]]) == GW_OK)
            #expect(try plugin.set("acm:\(number)", [[2]]) == GW_OK)
        }
        #expect(try plugin.flush("acme:") == 300)
        for number in 0..<300 { #expect(try plugin.get(["acme:\(number)", "acm:\(number)"]) == [nil, [2]]) }
        #expect(try plugin.flush("acme:") == 0)
        try plugin.end()
    }

    @Test("the figures count what happened")
    func statistics() throws {
        let plugin = try LocalPlugin()
        #expect(try plugin.set("a", [[1, 2, 3]]) == GW_OK)
        #expect(try plugin.set("b", [[1]], ttl: 1_000) == GW_OK)
        _ = try plugin.get(["a", "b", "c"])
        plugin.driver.clock.advance(bySeconds: 2)
        _ = try plugin.get(["b"])
        #expect(try plugin.set("d", [[UInt8](repeating: 1, count: 2 << 20)]) == GW_E2BIG)
        let figures = plugin.driver.statistics
        #expect(figures["items"] == 1)
        #expect(figures["hits"] == 2 && figures["misses"] == 2)
        #expect(figures["expirations"] == 1 && figures["rejections"] == 1 && figures["evictions"] == 0)
        #expect(figures["bytes"].map { $0 > 3 && $0 < 1 << 20 } == true)
        try plugin.end()
    }

    @Test("shutdown waits for the last lease")
    func shutdown() throws {
        let plugin = try LocalPlugin()
        #expect(try plugin.set("a", [[1, 2]]) == GW_OK)
        let found = try plugin.outcome(plugin.driver.get("a"))
        let shutdown = plugin.driver.beginShutdown()
        #expect(shutdown.wait(seconds: 0) == nil)
        plugin.driver.release(found.leases)
        #expect(shutdown.wait(seconds: 0)?.status == GW_OK)
        try plugin.driver.destroy()
        #expect(plugin.driver.violations.isEmpty)
    }
}
