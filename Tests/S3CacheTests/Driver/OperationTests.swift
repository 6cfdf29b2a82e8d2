import Glibc
import PluginAPI
import PluginConformance
import TestSupport
import Testing

@Suite("The S3 plugin through its C interface", .timeLimit(.minutes(2)))
struct OperationTests {
    /// A server that has an object by every name but `none`.
    private static let echo: ScriptedS3.Script = { call in
        switch call.method {
        case "GET": call.path.hasSuffix("none") ? .missing : .object("value of \(call.path)")
        case "PUT": .status(200)
        case "DELETE": .noContent
        default: .status(400)
        }
    }

    @Test("looks up each key by GET, and leases what it finds")
    func lookUps() throws {
        try withS3(["s3_path": "llm/"], answering: Self.echo) { plugin, server in
            let found = try #require(plugin.get("team:a", "none", "c").wait())
            #expect(found.status == GW_OK && found.statuses == [GW_OK, GW_MISS, GW_OK])
            #expect(found.values == ["value of /cache/llm/team/a", nil, "value of /cache/llm/c"])
            #expect(found.leases.count == 2)
            #expect(
                server.calls.map(\.line).sorted() == [
                    "GET /cache/llm/c", "GET /cache/llm/none", "GET /cache/llm/team/a",
                ]
            )
            plugin.release(found.leases)
        }
    }

    @Test("fetches a hundred keys in parallel, on no more connections than max_pool_connections")
    func hundred() throws {
        try withS3(
            ["s3_config": #"{"max_pool_connections": 8}"#],
            answering: { call in
                usleep(5_000)
                return .object(call.path)
            }
        ) { plugin, server in
            let keys = (0..<100).map { "key\($0)" }
            let began = PluginDriver.now
            let found = try #require(plugin.get(keys).wait())
            let taken = Double(PluginDriver.now - began) / 1e9
            #expect(found.values == keys.map { "/cache/\($0)" })
            #expect(server.connectionCount > 1 && server.connectionCount <= 8, "\(server.connectionCount)")
            // One after another they take at least half a second.
            #expect(taken < 0.5, "\(taken) s")
            plugin.release(found.leases)
            let again = try #require(plugin.get(keys).wait())
            #expect(again.values == found.values)
            #expect(server.connectionCount <= 8, "connections are kept and used again")
            plugin.release(again.leases)
        }
    }

    @Test("stores with LiteLLM's headers, all of them signed, and deletes")
    func writes() throws {
        try withS3(answering: Self.echo) { plugin, server in
            #expect(plugin.set("team:k", "hello", ttl: 90_000).wait()?.statuses == [GW_OK])
            #expect(plugin.delete("team:k").wait()?.statuses == [GW_OK])
            server.play { _ in .missing }
            #expect(plugin.delete("none").wait()?.statuses == [GW_MISS], "some servers say that there was none")
            let put = try #require(server.calls.first)
            #expect(put.line == "PUT /cache/team/k" && put.body == "hello")
            #expect(put.headers["content-type"] == "application/json")
            #expect(put.headers["cache-control"] == "immutable, max-age=90, s-maxage=90")
            #expect(put.headers["content-language"] == "en")
            #expect(put.headers["content-disposition"] == "inline; filename=\"team/k.json\"")
            #expect(put.headers["expires"]?.hasSuffix(" GMT") == true)
            #expect(
                put.authorization.contains(
                    "SignedHeaders=cache-control;content-disposition;content-language;content-type;expires;host;x-amz-content-sha256;x-amz-date,"
                ),
                "\(put.authorization)"
            )
            #expect(server.calls[1].line == "DELETE /cache/team/k")
        }
    }

    @Test("keeps keys with spaces, signs and letters of all kinds apart, on the wire and in the signature alike")
    func keys() throws {
        try withS3(answering: Self.echo) { plugin, _ in
            for (key, path) in [
                ("a b", "/cache/a%20b"), ("100%", "/cache/100%2525"), ("a+b", "/cache/a%2Bb"),
                ("ünï", "/cache/%C3%BCn%C3%AF"),
                ("a:b:c", "/cache/a/b/c"), ("..", "/cache/%252E%252E"), ("a?b#c&d=e", "/cache/a%3Fb%23c%26d%3De"),
                ("🙂", "/cache/%F0%9F%99%82"),
            ] {
                let found = try #require(plugin.get(key).wait())
                #expect(found.values == ["value of \(path)"])
                plugin.release(found.leases)
            }
            let long = plugin.get(String(repeating: "k", count: 1_025)).wait()
            #expect(long?.status == GW_EINVAL, "S3 has no such names")
            #expect(plugin.health.isEmpty || plugin.health.allSatisfy { $0.state == GW_HEALTH_UP })
        }
    }

    @Test("takes an object whose time is over for a miss and deletes it, but never the one that takes its place")
    func expiry() throws {
        let isHeld = Flag()
        try withS3(answering: { call in
            switch call.method {
            case "GET": return .object("old", ["Expires: Thu, 01 Jan 2015 00:00:00 GMT"])
            case "DELETE":
                while isHeld.isUp { usleep(1_000) }
                return .noContent
            default: return .status(200)
            }
        }) { plugin, server in
            isHeld.isUp = true
            #expect(plugin.get("k").wait()?.statuses == [GW_MISS])
            let write = plugin.set("k", "new")
            let other = plugin.set("l", "new")
            #expect(other.wait()?.statuses == [GW_OK], "another object need not wait")
            // They use two connections, and the server handles them in any order.
            #expect(Set(server.calls.map(\.line)) == ["GET /cache/k", "DELETE /cache/k", "PUT /cache/l"])
            isHeld.isUp = false
            #expect(write.wait()?.statuses == [GW_OK])
            #expect(server.calls.last?.line == "PUT /cache/k")
        }
    }

    @Test("flushes what begins with the prefix and nothing else, page by page")
    func flush() throws {
        try withS3(
            ["s3_path": "llm"],
            answering: { call in
                if call.method == "POST" { return .status(200, [], "<DeleteResult></DeleteResult>") }
                // A server that lists more than it was asked for.
                return call.query.contains("continuation-token")
                    ? .listing(["llm/team/c&amp;d"])
                    : .listing(["llm/team/a", "llm/other/b", "elsewhere"], next: "t=1")
            }
        ) { plugin, server in
            #expect(plugin.flush("team:").wait()?.removed == 2)
            let calls = server.calls
            #expect(calls.map(\.method) == ["GET", "POST", "GET", "POST"])
            #expect(calls[0].query == "list-type=2&max-keys=1000&prefix=llm%2Fteam%2F")
            #expect(calls[1].query == "delete=" && calls[1].headers["content-md5"] != nil)
            #expect(calls[1].body.contains("<Key>llm/team/a</Key>") && !calls[1].body.contains("other"))
            #expect(!calls[1].body.contains("elsewhere"))
            #expect(calls[2].query.contains("continuation-token=t%3D1"))
            #expect(calls[3].body.contains("<Key>llm/team/c&amp;d</Key>"))
            #expect(plugin.flush("").wait()?.status == GW_EINVAL, "everything is not ours to delete")
        }
    }

    @Test("fails a flush whose deletions are refused, with the first reason")
    func refusedFlush() throws {
        try withS3(answering: { call in
            call.method == "POST"
                ? .status(
                    200,
                    [],
                    "<DeleteResult><Error><Key>t/a</Key><Code>AccessDenied</Code></Error></DeleteResult>"
                ) : .listing(["t/a", "t/b"])
        }) { plugin, _ in
            let outcome = plugin.flush("t:").wait()
            #expect(outcome?.status == GW_EPROTO && outcome?.reason.contains("AccessDenied: t/a") == true)
        }
    }

    @Test("drops writes beyond a thousand that wait, and look-ups overtake those")
    func boundedWrites() throws {
        let isHeld = Flag()
        try withS3(
            ["s3_config": #"{"max_pool_connections": 2}"#],
            answering: { call in
                while call.method == "PUT", isHeld.isUp { usleep(1_000) }
                return call.method == "GET" ? .object("v") : .status(200)
            }
        ) { plugin, _ in
            isHeld.isUp = true
            let writes = (0..<1_010).map { plugin.set("k\($0)", "v") }
            let found = try #require(plugin.get("k").wait(), "a look-up waits behind writes")
            #expect(found.values == ["v"])
            plugin.release(found.leases)
            let dropped = writes.suffix(9).map { $0.wait()?.status }
            #expect(dropped == Array(repeating: GW_EBUSY, count: 9))
            isHeld.isUp = false
            #expect(writes.prefix(1_001).allSatisfy { $0.wait()?.status == GW_OK })
            #expect(plugin.statistics["rejections"] == 9)
        }
    }

    @Test("gives up what the host cancels, and goes on")
    func cancel() throws {
        try withS3(answering: { $0.path.hasSuffix("slow") ? .nothing : .object("v") }) { plugin, _ in
            let slow = plugin.get("slow")
            usleep(20_000)
            plugin.cancel(slow)
            #expect(slow.wait()?.status == GW_ETIMEOUT)
            let found = try #require(plugin.get("quick").wait())
            plugin.release(found.leases)
        }
    }
}
