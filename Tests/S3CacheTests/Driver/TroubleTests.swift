import Glibc
import PluginAPI
import PluginConformance
import TestSupport
import Testing

@Suite("The S3 plugin and a server in trouble", .timeLimit(.minutes(2)))
struct TroubleTests {
    @Test("tries again after SlowDown, errors and cuts", arguments: ["503", "500", "429", "cut", "empty"])
    func retried(trouble: String) throws {
        let calls = Tally()
        try withS3(answering: { _ in
            calls.add()
            guard calls.count <= 2 else { return .object("v") }
            return switch trouble {
            case "503": .error(503, "SlowDown", "Please reduce your request rate.")
            case "500": .error(500, "InternalError")
            case "429": .status(429)
            case "cut": .saysAndHangsUp("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            default: .hangsUp
            }
        }) { plugin, _ in
            let found = try #require(plugin.get("k").wait())
            #expect(found.values == ["v"] && calls.count == 3)
            plugin.release(found.leases)
            // A connection that ends where an answer should begin is tried once more by libcurl itself.
            #expect(plugin.statistics["retries"] == (trouble == "empty" ? 1 : 2))
        }
    }

    @Test("gives up after retries.max_attempts, and never waits past the deadline for another try")
    func givenUp() throws {
        try withS3(
            ["s3_config": #"{"retries": {"max_attempts": 1}}"#],
            answering: { _ in .error(503, "SlowDown", "Please reduce your request rate.") }
        ) { plugin, server in
            let outcome = plugin.get("k").wait()
            #expect(outcome?.status == GW_EUNAVAILABLE)
            #expect(outcome?.reason.contains("SlowDown: Please reduce your request rate.") == true)
            #expect(server.calls.count == 2)
        }
        try withS3(answering: { _ in .status(503, ["Retry-After: 30"]) }) { plugin, server in
            #expect(plugin.get(["k"], within: 5).wait()?.status == GW_EUNAVAILABLE)
            #expect(server.calls.count == 1, "thirty seconds are more than there are")
        }
    }

    @Test("takes an answer that stays cut off for a damaged entry, which is a miss")
    func truncated() throws {
        try withS3(answering: { call in
            call.path.hasSuffix("cut")
                ? .saysAndHangsUp("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") : .object("whole")
        }) { plugin, _ in
            let found = try #require(plugin.get("cut", "k").wait())
            #expect(found.statuses == [GW_ECORRUPT, GW_OK] && found.values == [nil, "whole"])
            plugin.release(found.leases)
        }
    }

    @Test("reports a refusal once, in the server's words and with the correction, and never the secret")
    func refused() throws {
        for (code, mend) in [
            ("AccessDenied", "allow s3:GetObject"), ("InvalidAccessKeyId", "check 's3_aws_access_key_id'"),
            ("SignatureDoesNotMatch", "check 's3_aws_secret_access_key'"),
        ] {
            try withS3(answering: { _ in .error(403, code, "No, you may not.") }) { plugin, server in
                for _ in 0..<5 { #expect(plugin.get("k").wait()?.status == GW_EAUTH) }
                let reports = plugin.health.filter { $0.state == GW_HEALTH_DEGRADED }
                #expect(reports.count == 1)
                #expect(reports.first?.reason.contains("\(code): No, you may not.; \(mend)") == true, "\(reports)")
                #expect(server.calls.count == 5, "a refusal is not tried again")
                let said = plugin.log + plugin.health.map(\.reason)
                #expect(!said.contains { $0.contains("the-secret") })
            }
        }
    }

    @Test("says of a bucket that does not exist that the configuration cannot work")
    func missingBucket() throws {
        try withS3(answering: { _ in .error(404, "NoSuchBucket", "The specified bucket does not exist") }) {
            plugin,
            _ in
            #expect(plugin.reported(GW_HEALTH_UP))
            let outcome = plugin.get("k").wait()
            #expect(outcome?.status == GW_ECONFIG)
            #expect(outcome?.reason.contains("create it, or correct 's3_bucket_name'") == true)
            #expect(plugin.reported(GW_HEALTH_DOWN))
        }
    }

    @Test("lets no refusal hide that the bucket is missing")
    func refusedWhileMissing() throws {
        try withS3(answering: { call in
            call.method == "PUT" ? .error(403, "AccessDenied") : .error(404, "NoSuchBucket", "There is no such bucket")
        }) { plugin, _ in
            // This is the check of the bucket at start, which the server answers with success.
            #expect(plugin.reported(GW_HEALTH_UP))
            #expect(plugin.get("k").wait()?.status == GW_ECONFIG)
            #expect(plugin.set("k", "v").wait()?.status == GW_EAUTH)
            #expect(plugin.health.last?.state == GW_HEALTH_DOWN)
        }
    }

    /// The first look-up is sent again with what its answer revealed, the second one uses that at once.
    private func expectLearned(_ plugin: PluginDriver, _ server: ScriptedS3, saying sentence: String) throws {
        for _ in 0..<2 {
            let found = try #require(plugin.get("k").wait())
            #expect(found.values == ["v"])
            plugin.release(found.leases)
        }
        #expect(server.calls.count == 3)
        #expect(plugin.log.filter { $0.contains(sentence) }.count == 1)
    }

    @Test(
        "follows a bucket to its region, and remembers it",
        arguments: [
            (301, ["x-amz-bucket-region: eu-west-1"], ""), (307, ["x-amz-bucket-region: eu-west-1"], ""),
            (301, [], "<Region>eu-west-1</Region>"), (400, [], "<Region>eu-west-1</Region>"),
            (403, ["x-amz-bucket-region: eu-west-1"], ""),
        ]
    )
    func moved(status: Int, headers: [String], more: String) throws {
        try withS3(answering: { call in
            call.authorization.contains("/eu-west-1/s3/")
                ? .object("v")
                : .error(status, "AuthorizationHeaderMalformed", "the region is wrong", headers: headers, more: more)
        }) { plugin, server in
            try expectLearned(plugin, server, saying: "is in region eu-west-1")
        }
    }

    @Test("is not led in circles by a server that names another region each time")
    func circles() throws {
        let calls = Tally()
        try withS3(answering: { _ in
            calls.add()
            return .error(301, "PermanentRedirect", headers: ["x-amz-bucket-region: r-\(calls.count)"])
        }) { plugin, server in
            #expect(plugin.get("k").wait()?.reason.contains("in circles") == true)
            #expect(server.calls.count == 4)
        }
    }

    @Test("sets its clock by the server's when that refuses the time, once")
    func skew() throws {
        try withS3(answering: { call in
            call.headers["x-amz-date"]?.hasPrefix("20300101T12") == true
                ? .object("v")
                : .error(403, "RequestTimeTooSkewed", headers: ["Date: Tue, 01 Jan 2030 12:00:00 GMT"])
        }) { plugin, server in
            try expectLearned(plugin, server, saying: "set the clock")
        }
    }

    @Test("reports a server that is gone once, and that it is back")
    func gone() throws {
        let isGone = Flag()
        try withS3(
            ["s3_config": #"{"retries": {"max_attempts": 0}}"#],
            answering: { _ in isGone.isUp ? .hangsUp : .object("v") }
        ) { plugin, _ in
            #expect(plugin.reported(GW_HEALTH_UP))
            isGone.isUp = true
            for _ in 0..<3 { #expect(plugin.get("k").wait()?.status == GW_EUNAVAILABLE) }
            #expect(plugin.health.filter { $0.state == GW_HEALTH_DEGRADED }.count == 1)
            isGone.isUp = false
            let found = try #require(plugin.get("k").wait())
            plugin.release(found.leases)
            #expect(plugin.health.last?.state == GW_HEALTH_UP)
        }
    }

    @Test("takes what is no HTTP, and an endless answer, for no answer")
    func nonsense() throws {
        try withS3(answering: { $0.path.hasSuffix("noise") ? .says("+PONG\r\n\r\n") : .missing }) { plugin, _ in
            #expect(
                plugin.get(["noise"], within: 3).wait().map { [GW_EUNAVAILABLE, GW_ETIMEOUT].contains($0.status) }
                    == true
            )
            #expect(plugin.get("k").wait()?.statuses == [GW_MISS])
        }
    }

    @Test("reads 64 KB of an error at most, which is an answer all the same")
    func endlessErrors() throws {
        let long = String(repeating: "&", count: 60_000)
        let endless = String(repeating: "x", count: 4 << 20)
        try withS3(answering: { call in
            switch call.path {
            case "/cache/ampersands": .error(403, "AccessDenied", long)
            case "/cache/marks": .error(403, String(repeating: "\u{301}", count: 30_000))
            case "/cache/endless": .status(404, [], endless)
            case "/cache/chunked": .says("HTTP/1.1 404 -\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n\(endless)\r\n")
            default: .object("v")
            }
        }) { plugin, _ in
            for _ in 0..<10 {
                let refused = try #require(plugin.get("ampersands").wait())
                #expect(refused.status == GW_EAUTH && refused.reason.contains("AccessDenied: &&&"))
            }
            #expect(plugin.get("marks").wait()?.status == GW_EAUTH)
            #expect(plugin.get("endless").wait()?.statuses == [GW_MISS])
            #expect(plugin.get("chunked").wait()?.statuses == [GW_MISS])
            let found = try #require(plugin.get("k").wait())
            #expect(found.values == ["v"])
            plugin.release(found.leases)
        }
    }

    @Test("refuses an entry that is larger than the host reads, when its length is received or as it is received")
    func largeEntries() throws {
        let large = String(repeating: "x", count: 1_001)
        try withS3(
            largestValue: 1_000,
            answering: { call in
                switch call.path {
                case "/cache/told": .object(large)
                case "/cache/claimed": .says("HTTP/1.1 200 -\r\nContent-Length: 600000000\r\n\r\n")
                case "/cache/chunked":
                    .says("HTTP/1.1 200 -\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\(large)\r\n0\r\n\r\n")
                default: .object(String(large.dropFirst()))
                }
            }
        ) { plugin, _ in
            let found = try #require(plugin.get("told", "claimed", "chunked", "fits").wait())
            #expect(found.statuses == [GW_E2BIG, GW_E2BIG, GW_E2BIG, GW_OK])
            #expect(found.values.last??.utf8.count == 1_000)
            plugin.release(found.leases)
            #expect(plugin.health.allSatisfy { $0.state == GW_HEALTH_UP }, "it says nothing of the server")
        }
    }

    @Test(
        "sends no signed request anywhere for a region that is none, nor after a redirect",
        arguments: [
            "evil.example/", "evil.example#", "x@evil.example", "us_east_1", "US-EAST-1", "é", "a b",
            String(repeating: "a", count: 64),
        ]
    )
    func reportedRegions(region: String) throws {
        let other = try ScriptedS3 { _ in .object("stolen") }
        defer { other.stop() }
        try withS3(answering: { _ in
            .error(
                301,
                "PermanentRedirect",
                headers: ["x-amz-bucket-region: \(region)", "Location: \(other.url)/cache/k"],
                more: "<Region>\(region)</Region><S3Endpoint>127.0.0.1:\(other.port)</S3Endpoint>"
            )
        }) { plugin, server in
            #expect(plugin.get("k").wait()?.status == GW_EPROTO)
            #expect(server.calls.count == 1, "signed anew for \(region)")
            #expect(server.calls.allSatisfy { $0.authorization.contains("/us-east-1/s3/") })
            #expect(other.connectionCount == 0)
        }
    }

    @Test("ends while requests are in flight")
    func shutdown() throws {
        try withS3(answering: { _ in .nothing }) { plugin, _ in
            let pending = plugin.get(["k"], within: 1)
            usleep(10_000)
            plugin.cancel(pending)
            #expect(pending.wait() != nil)
        }
    }
}
