import PluginAPI
import PluginConformance
import PluginKit
import TestSupport
import Testing

@testable import RedisCache

@Suite("The Redis plugin through its C interface", .timeLimit(.minutes(2)))
struct PluginTests {
    /// Runs with a plugin in front of a server that follows `script`.
    private func withPlugin(
        _ configured: [String: String] = [:],
        _ script: @escaping ScriptedRedis.Script,
        _ body: (PluginDriver, ScriptedRedis) throws -> Void
    ) throws {
        let server = try ScriptedRedis(script)
        defer { server.stop() }
        let plugin = try PluginDriver(
            ["host": "127.0.0.1", "port": "\(server.port)"].merging(configured) { $1 }
        )
        try body(plugin, server)
        try plugin.end()
    }

    /// A server that stores what it is sent.
    private static let echo: ScriptedRedis.Script = { call in
        switch call.words.first {
        case "GET": .value("value of \(call.words[1])")
        case "MGET":
            .says(
                "*\(call.words.count - 1)\r\n"
                    + call.words.dropFirst().map { $0 == "none" ? "$-1\r\n" : "$\($0.utf8.count)\r\n\($0)\r\n" }
                    .joined()
            )
        case "SET": .ok
        case "UNLINK": .says(call.words[1] == "none" ? ":0\r\n" : ":1\r\n")
        default: .says("-ERR unknown command\r\n")
        }
    }

    @Test("looks up one key by GET and a batch by one MGET, and leases what it finds")
    func lookUps() throws {
        try withPlugin([:], Self.echo) { plugin, server in
            let one = try #require(plugin.get("a").wait())
            #expect(one.status == GW_OK && one.values == ["value of a"] && one.leases.count == 1)
            let many = try #require(plugin.get("b", "none", "c").wait())
            #expect(many.values == ["b", nil, "c"])
            #expect(many.statuses == [GW_OK, GW_MISS, GW_OK])
            #expect(many.leases.count == 2)
            #expect(server.calls.map(\.words) == [["GET", "a"], ["MGET", "b", "none", "c"]])
            plugin.release(one.leases)
            plugin.release(many.leases)
        }
    }

    @Test("stores with PX, and deletes with UNLINK")
    func writes() throws {
        try withPlugin([:], Self.echo) { plugin, server in
            #expect(plugin.set("k", "hello", ttl: 1500).wait()?.statuses == [GW_OK])
            #expect(plugin.set("k", "", ttl: 0).wait()?.statuses == [GW_OK])
            #expect(plugin.delete("k", "none").wait()?.statuses == [GW_OK, GW_MISS])
            #expect(
                server.calls.map(\.words) == [
                    ["SET", "k", "hello", "PX", "1500"], ["SET", "k", ""],
                    ["UNLINK", "k"], ["UNLINK", "none"],
                ]
            )
        }
    }

    @Test("deletes with DEL where the server is too old for UNLINK")
    func oldServer() throws {
        try withPlugin([:], { $0.words.first == "DEL" ? .says(":1\r\n") : .says("-ERR unknown command 'UNLINK'\r\n") })
        {
            plugin,
            server in
            #expect(plugin.delete("k").wait()?.statuses == [GW_OK])
            #expect(plugin.delete("l").wait()?.statuses == [GW_OK])
            #expect(server.calls.map(\.words) == [["UNLINK", "k"], ["DEL", "k"], ["DEL", "l"]])
        }
    }

    @Test("flushes by SCAN what has the prefix, page by page, and nothing else")
    func flush() throws {
        try withPlugin(
            [:],
            { call in
                switch (call.words.first, call.words.dropFirst().first) {
                case ("SCAN", "0"): .says("*2\r\n$2\r\n17\r\n*2\r\n$4\r\np*:a\r\n$4\r\np*:b\r\n")
                case ("SCAN", "17"): .says("*2\r\n$1\r\n0\r\n*1\r\n$4\r\np*:c\r\n")
                case ("UNLINK", _): .says(":\(call.words.count - 1)\r\n")
                default: .says("-ERR\r\n")
                }
            }
        ) { plugin, server in
            let outcome = plugin.flush("p*:").wait()
            #expect(outcome?.status == GW_OK && outcome?.removed == 3)
            #expect(
                server.calls.map(\.words) == [
                    ["SCAN", "0", "MATCH", "p\\*:*", "COUNT", "1000"], ["UNLINK", "p*:a", "p*:b"],
                    ["SCAN", "17", "MATCH", "p\\*:*", "COUNT", "1000"], ["UNLINK", "p*:c"],
                ]
            )
            #expect(plugin.flush("").wait()?.status == GW_EINVAL)
        }
    }

    @Test("keeps look-ups and writes on two connections, or all on one")
    func connections() throws {
        try withPlugin([:], Self.echo) { plugin, server in
            plugin.release(plugin.get("a").wait()?.leases ?? [])
            _ = plugin.set("b", "c").wait()
            #expect(Set(server.calls.map(\.connection)).count == 2)
        }
        try withPlugin(["max_connections": "1"], Self.echo) { plugin, server in
            plugin.release(plugin.get("a").wait()?.leases ?? [])
            _ = plugin.set("b", "c").wait()
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a reply to an operation that was cancelled reaches nobody, and the next one gets its own")
    func cancelled() throws {
        try withPlugin([:], { _ in .nothing }) { plugin, server in
            let slow = plugin.get("slow")
            #expect(slow.wait(seconds: 0.2) == nil)
            let next = plugin.get("next")
            plugin.cancel(slow)
            #expect(slow.wait()?.status == GW_ETIMEOUT)
            #expect(next.wait(seconds: 0.2) == nil, "the reply on the wire is still the slow one's")
            server.blurt("$4\r\nlate\r\n", on: server.calls.first?.connection)
            #expect(next.wait(seconds: 0.2) == nil, "that was the slow one's")
            server.blurt("$4\r\nnext\r\n", on: server.calls.first?.connection)
            #expect(next.found() == "next")
            plugin.release(next.wait()?.leases ?? [])
            plugin.cancel(next)
        }
    }

    @Test("an answer to nothing, or to another question, costs the connection and no one a wrong value")
    func outOfStep() throws {
        try withPlugin([:], Self.echo) { plugin, server in
            #expect(plugin.reported(GW_HEALTH_UP))
            server.blurt("$5\r\nwrong\r\n")
            #expect(plugin.reported(GW_HEALTH_DEGRADED))
            #expect(plugin.health.last?.reason.contains("nothing was asked for") == true)
            #expect(plugin.reported(GW_HEALTH_UP, times: 2))
            for wrong in [":1\r\n", "+OK\r\n", "*1\r\n$1\r\na\r\n", "garbage\r\n"] {
                server.play { _ in .says(wrong) }
                let count = plugin.health.filter { $0.state == GW_HEALTH_UP }.count
                #expect(plugin.get("a").wait()?.status == GW_EPROTO, "\(wrong)")
                #expect(plugin.reported(GW_HEALTH_UP, times: count + 1))
            }
            server.play { _ in .says("$1\r\na\r\n") }
            #expect(plugin.set("a", "b").wait()?.status == GW_EPROTO)
        }
    }

    @Test("what is in flight on a connection that is lost fails at once, and once; the next connection serves")
    func lost() throws {
        try withPlugin([:], { $0.words[1] == "a" ? .nothing : .value("b") }) { plugin, server in
            #expect(plugin.reported(GW_HEALTH_UP))
            let operations = (0..<50).map { _ in plugin.get("a") }
            #expect(operations[0].wait(seconds: 0.2) == nil)
            server.hangUp()
            for operation in operations { #expect(operation.wait()?.status == GW_EUNAVAILABLE) }
            #expect(plugin.reported(GW_HEALTH_UP, times: 2))
            let next = plugin.get("b").wait()
            #expect(next?.values == ["b"])
            plugin.release(next?.leases ?? [])
            #expect(plugin.strayCompletions == 0)
            #expect(plugin.health.map(\.state) == [GW_HEALTH_UP, GW_HEALTH_DEGRADED, GW_HEALTH_UP])
        }
    }

    @Test("a server that leaves a command unanswered for socket_timeout loses its connection")
    func hangs() throws {
        try withPlugin(["socket_timeout": "1s"], { _ in .nothing }) { plugin, server in
            let outcome = plugin.get("a").wait()
            #expect(outcome?.status == GW_ETIMEOUT)
            #expect(outcome?.reason.contains("has not answered for 1.0 s") == true)
            #expect(plugin.reported(GW_HEALTH_UP, times: 2))
            #expect(server.connectionCount >= 3)
        }
    }

    @Test(
        "takes an error of the server for what it is",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", GW_EUNAVAILABLE, "LOADING"),
            ("READONLY You can't write against a read only replica.", GW_EUNAVAILABLE, "is a replica"),
            ("OOM command not allowed when used memory > 'maxmemory'.", GW_ENOSPC, "maxmemory"),
            ("NOAUTH Authentication required.", GW_EAUTH, "forbids a command"),
            ("NOPERM this user has no permissions", GW_EAUTH, "what the user may do"),
            ("WRONGTYPE Operation against a key", GW_ECORRUPT, "WRONGTYPE"),
            ("MOVED 1 10.0.0.1:6379", GW_EUNAVAILABLE, "redis_startup_nodes"),
            ("CLUSTERDOWN The cluster is down", GW_EUNAVAILABLE, "CLUSTERDOWN"),
            ("TRYAGAIN Multiple keys request", GW_EUNAVAILABLE, "TRYAGAIN"),
            ("ERR something new", GW_EPROTO, "something new"),
        ]
    )
    func errors(text: String, status: Int32, words: String) throws {
        try withPlugin([:], { _ in .says("-\(text)\r\n") }) { plugin, _ in
            let outcome = plugin.set("a", "b").wait()
            #expect(outcome?.status == status)
            #expect(outcome?.reason.contains(words) == true, "\(outcome?.reason ?? "")")
            _ = plugin.set("a", "b").wait()
            let said = plugin.log + plugin.health.map(\.reason)
            let isComplaint = [GW_ENOSPC, GW_EAUTH].contains(status) || text.hasPrefix("READONLY")
            #expect(said.filter { $0.contains(words) }.count == (isComplaint ? 1 : 0), "said once: \(said)")
        }
    }

    @Test("a replica in the master's place is left, in case its name leads elsewhere now")
    func replica() throws {
        try withPlugin([:], { _ in .says("-READONLY You can't write against a read only replica.\r\n") }) {
            plugin,
            server in
            #expect(plugin.reported(GW_HEALTH_UP))
            let before = server.connectionCount
            #expect(plugin.set("a", "b").wait()?.status == GW_EUNAVAILABLE)
            #expect(plugin.reported(GW_HEALTH_UP, times: 2))
            #expect(server.connectionCount == before + 1)
        }
    }

    @Test("without a server operations fail at once, and a wrong password is reported without the password")
    func unreachable() throws {
        let server = try ScriptedRedis { _ in .nothing }
        server.stop()
        let plugin = try PluginDriver(["host": "127.0.0.1", "port": "\(server.port)", "password": "sesame"])
        #expect(plugin.reported(GW_HEALTH_DEGRADED))
        let outcome = plugin.get("a").wait(seconds: 1)
        #expect(outcome?.status == GW_EUNAVAILABLE)
        #expect(outcome?.reason.contains("127.0.0.1:\(server.port)") == true)
        #expect(!(plugin.log + plugin.health.map(\.reason)).contains { $0.contains("sesame") })
        try plugin.end()
    }

    @Test("shutdown finishes what is in flight and waits for the last lease")
    func shutdown() throws {
        let server = try ScriptedRedis { $0.words[1] == "slow" ? .nothing : .value("v") }
        defer { server.stop() }
        let plugin = try PluginDriver(["host": "127.0.0.1", "port": "\(server.port)"])
        let leased = try #require(plugin.get("a").wait())
        let slow = plugin.get("slow")
        #expect(slow.wait(seconds: 0.2) == nil)
        let shutdown = plugin.beginShutdown()
        #expect(plugin.get("late").wait()?.status == GW_ECANCELLED)
        #expect(shutdown.wait(seconds: 0.2) == nil)
        server.blurt("$4\r\nlast\r\n", on: server.calls.first?.connection)
        let last = try #require(slow.wait())
        #expect(last.values == ["last"])
        plugin.release(last.leases)
        #expect(shutdown.wait(seconds: 0.2) == nil, "a value is still leased")
        #expect(leased.values == ["v"])
        plugin.release(leased.leases)
        #expect(shutdown.wait()?.status == GW_OK)
        try plugin.destroy()
    }

    @Test("a ping is a round trip")
    func ping() throws {
        try withPlugin([:], { _ in .ok }) { plugin, server in
            #expect(plugin.ping().wait()?.status == GW_OK)
            server.ignorePings()
            let late = plugin.ping()
            #expect(late.wait(seconds: 0.2) == nil)
            server.hangUp()
            #expect(late.wait()?.status == GW_EUNAVAILABLE)
        }
    }

    @Test("a hundred thousand operations from four threads, cancelled, cut and all, each get their own value or none")
    func storm() throws {
        try withPlugin([:], Self.echo) { plugin, server in
            #expect(plugin.reported(GW_HEALTH_UP))
            let wrong = Tally()
            let hits = Tally()
            let threads = (0..<4).map { thread in
                WorkerThread("storm") {
                    for round in 0..<250 {
                        let operations = (0..<100).map { index in (index, plugin.get("t\(thread)-\(round)-\(index)")) }
                        for (index, operation) in operations where index % 17 == 0 { plugin.cancel(operation) }
                        if thread == 0, round % 50 == 49 { server.hangUp() }
                        for (index, operation) in operations {
                            guard let outcome = operation.wait() else {
                                wrong.add()
                                continue
                            }
                            if let value = outcome.values.first {
                                if value == "value of t\(thread)-\(round)-\(index)" { hits.add() } else { wrong.add() }
                            }
                            plugin.release(outcome.leases)
                        }
                    }
                }
            }
            for thread in threads { thread?.join() }
            #expect(wrong.count == 0)
            #expect(hits.count > 10_000)
        }
    }
}
