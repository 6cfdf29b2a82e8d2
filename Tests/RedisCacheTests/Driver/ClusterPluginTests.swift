import PluginAPI
import PluginConformance
import TestSupport
import Testing

@testable import RedisCache

@Suite("The Redis plugin in front of a cluster", .timeLimit(.minutes(1)))
struct ClusterPluginTests {
    /// Runs with two nodes. At the beginning the first one serves every slot, as both report.
    private func withCluster(
        _ first: @escaping ScriptedRedis.Script,
        _ second: @escaping ScriptedRedis.Script = { .value("second's \($0.words.last ?? "")") },
        _ body: (PluginDriver, ScriptedRedis, ScriptedRedis) throws -> Void
    ) throws {
        let servers = [try ScriptedRedis { _ in .nothing }, try ScriptedRedis { _ in .nothing }]
        let layout = Self.layout(servers[0].port)
        for (server, script) in zip(servers, [first, second]) {
            server.play { $0.words.first == "CLUSTER" ? .says(layout) : script($0) }
        }
        defer { for server in servers { server.stop() } }
        let plugin = try PluginDriver(["redis_startup_nodes": "[\"127.0.0.1:\(servers[0].port)\"]"])
        #expect(plugin.reported(GW_HEALTH_UP))
        try body(plugin, servers[0], servers[1])
        try plugin.end()
    }

    private static func layout(_ port: UInt16) -> String {
        "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(port)\r\n$2\r\nid\r\n"
    }

    private func commands(_ server: ScriptedRedis) -> [[String]] {
        server.calls.map(\.words).filter { $0.first != "CLUSTER" }
    }

    @Test("asks each slot's node for the slot's keys in one MGET")
    func slots() throws {
        try withCluster({ call in
            call.words.first == "GET"
                ? .value("v")
                : .says("*\(call.words.count - 1)\r\n" + call.words.dropFirst().map { _ in "$1\r\nm\r\n" }.joined())
        }) { plugin, first, _ in
            let outcome = try #require(plugin.get("{a}1", "b", "{a}2", "c").wait())
            #expect(outcome.values == ["m", "v", "m", "v"])
            #expect(Set(commands(first)) == [["MGET", "{a}1", "{a}2"], ["GET", "b"], ["GET", "c"]])
            plugin.release(outcome.leases)
        }
    }

    @Test("follows MOVED, remembers it, and asks for the layout anew")
    func moved() throws {
        let target = TargetPort()
        try withCluster({ _ in .says("-MOVED 15495 127.0.0.1:\(target.port)\r\n") }) { plugin, first, second in
            target.port = second.port
            let outcome = try #require(plugin.get("a").wait())
            #expect(outcome.values == ["second's a"])
            plugin.release(outcome.leases)
            #expect(commands(first) == [["GET", "a"]])
            #expect(commands(second) == [["GET", "a"]])
            #expect(first.calls.filter { $0.words.first == "CLUSTER" }.count >= 1)
        }
    }

    @Test("follows ASK for the one key, after ASKING, and forgets it")
    func ask() throws {
        let target = TargetPort()
        try withCluster({ _ in .says("-ASK 15495 127.0.0.1:\(target.port)\r\n") }) { plugin, first, second in
            target.port = second.port
            for _ in 0..<2 {
                let outcome = try #require(plugin.get("a").wait())
                #expect(outcome.values == ["second's a"])
                plugin.release(outcome.leases)
            }
            #expect(commands(first) == [["GET", "a"], ["GET", "a"]])
            #expect(second.askings == 2)
        }
    }

    @Test("divides a batch that TRYAGAIN refuses, and tries one key again until it succeeds")
    func tryAgain() throws {
        let refusals = Tally()
        try withCluster({ call in
            if call.words.first == "MGET" {
                return .says("-TRYAGAIN Multiple keys request during rehashing of slot\r\n")
            }
            if call.words[1] == "{a}2" {
                refusals.add()
                if refusals.count < 4 { return .says("-TRYAGAIN\r\n") }
            }
            return .value(call.words[1])
        }) { plugin, _, _ in
            let outcome = try #require(plugin.get("{a}1", "{a}2", "{a}3").wait())
            #expect(outcome.values == ["{a}1", "{a}2", "{a}3"])
            plugin.release(outcome.leases)
            #expect(refusals.count == 4)
        }
    }

    @Test("gives up on what is sent in circles, and on a cluster that is down")
    func hopeless() throws {
        let target = TargetPort()
        try withCluster(
            { _ in .says("-MOVED 15495 127.0.0.1:\(target.port)\r\n") },
            { _ in .says("-MOVED 15495 127.0.0.1:\(target.port)\r\n") }
        ) { plugin, first, second in
            target.port = second.port
            let outcome = plugin.get("a").wait()
            #expect(outcome?.status == GW_EPARTIAL, "other slots are served")
            #expect(second.calls.count < 40)
            first.play {
                $0.words.first == "CLUSTER"
                    ? .says(Self.layout(first.port)) : .says("-CLUSTERDOWN Hash slot not served\r\n")
            }
            second.play { _ in .says("-CLUSTERDOWN Hash slot not served\r\n") }
            let down = plugin.get("a").wait()
            #expect(down?.status != GW_OK)
            #expect(down?.reason.contains("CLUSTERDOWN") == true, "\(down?.reason ?? "")")
        }
    }

    @Test("a cluster that cannot be found fails at once, and is found when it is there")
    func late() throws {
        let server = try ScriptedRedis { _ in .says("-ERR This instance has cluster support disabled\r\n") }
        defer { server.stop() }
        let plugin = try PluginDriver(["redis_startup_nodes": "[\"127.0.0.1:\(server.port)\"]"])
        #expect(plugin.reported(GW_HEALTH_DEGRADED))
        let outcome = plugin.get("a").wait(seconds: 2)
        #expect(outcome?.reason.contains("cluster support disabled") == true, "\(outcome?.reason ?? "")")
        let layout = Self.layout(server.port)
        server.play { $0.words.first == "CLUSTER" ? .says(layout) : .value("v") }
        #expect(plugin.reported(GW_HEALTH_UP))
        let found = try #require(plugin.get("a").wait())
        #expect(found.values == ["v"])
        plugin.release(found.leases)
        try plugin.end()
    }

    @Test("flushes every node, each slot's keys by themselves, and nothing without the prefix, whatever the node says")
    func flush() throws {
        try withCluster({ call in
            switch call.words.first {
            case "SCAN": .says("*2\r\n$1\r\n0\r\n*4\r\n$5\r\nx{a}1\r\n$5\r\nx{a}2\r\n$2\r\nxb\r\n$7\r\nanother\r\n")
            default: .says(":\(call.words.count - 1)\r\n")
            }
        }) { plugin, first, _ in
            #expect(plugin.flush("x").wait()?.removed == 3)
            #expect(Set(commands(first).dropFirst()) == [["UNLINK", "x{a}1", "x{a}2"], ["UNLINK", "xb"]])
        }
    }
}
