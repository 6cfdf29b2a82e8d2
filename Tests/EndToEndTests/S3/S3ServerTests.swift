import Foundation
import PluginConformance
import Testing

/// Tests of `type: s3` in front of real servers that check signatures. moto's keys are temporary, with a session token.
@Suite("A bucket as cache", .timeLimit(.minutes(3)))
struct S3ServerTests {
    @Test(
        "Answers repeated requests, chats and embeddings, and keeps LiteLLM's layout and metadata, as boto3 sees them",
        arguments: Implementation.allCases
    )
    func plain(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        let parameters = bucket.parameters(
            "s3_path: llm/ünï +%\nnamespace: team-a\nttl: 90\nlookup_timeout: 5"
        )
        try await withGateway(Configurations.cached(parameters)) { gateway, upstream async throws in
            let miss = try await gateway.chat("hello")
            #expect(miss.wasForwarded("miss"))
            let hit = try await gateway.chat("hello")
            #expect(hit.isHit && hit.body == miss.body, "\(hit.cacheStatus)\n\(gateway.log)")
            _ = try await gateway.embed(["a", "b", "c"])
            try await gateway.hasEmbeddings(["c", "a", "b"])
            #expect(upstream.calls == 2)
            try await eventually("four objects are stored") { try await bucket.objectCount() == 4 }
            let seen = try await bucket.boto(
                """
                key = [o['Key'] for o in s3.list_objects_v2(Bucket=BUCKET)['Contents']][0]
                o = s3.get_object(Bucket=BUCKET, Key=key)
                print(json.dumps([key, o['ContentType'], o['CacheControl'], str(o['Expires'].timestamp()), o['ContentLanguage'], o['ContentDisposition'], len(o['Body'].read())]))
                """
            )
            let members = JSON(Array(seen.utf8)).array.map(\.string)
            #expect(members.first??.wholeMatch(of: #/llm\/ünï \+%\/team-a\/[0-9a-f]{64}/#) != nil, "\(seen)")
            #expect(Array(members[1...2]) == ["application/json", "immutable, max-age=90, s-maxage=90"])
            let end = try #require(members[3].flatMap(Double.init))
            #expect(abs(end - Date().timeIntervalSince1970 - 90) < 30)
            #expect(members[4] == "en" && members[5]?.hasPrefix("inline; filename=\"") == true)
        }
        #expect(try await bucket.objectCount() == 4, "what was stored outlives the gateway")
    }

    @Test("An entry whose time is over is a miss, and its object is deleted", arguments: Implementation.allCases)
    func expiry(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        try await withGateway(Configurations.cached(bucket.parameters("lookup_timeout: 5"))) {
            gateway,
            _ async throws in
            _ = try await gateway.chat("short", #""cache":{"ttl":2}"#)
            try await eventually("the object is stored") { try await bucket.objectCount() == 1 }
            try await Task.sleep(for: .seconds(3))
            let late = try await gateway.chat("short", #""cache":{"no-store":true}"#)
            #expect(late.wasForwarded("miss"), "\(late.cacheStatus)")
            try await eventually("the object is deleted") { try await bucket.objectCount() == 0 }
        }
    }

    @Test("Two gateways share a bucket, and /cache/ping says that it works", arguments: Implementation.allCases)
    func shared(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        let upstream = try await RecordingUpstream.start()
        let configuration = Configurations.cached(bucket.parameters("lookup_timeout: 5"))
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
        let first = try await GatewayProcess.start(configuration)
        let second = try await GatewayProcess.start(configuration)
        let ping = try await first.get("/cache/ping")
        #expect(ping.status == 200, "\(ping.text)")
        let answer = try await first.chat("one for all")
        // The request does not store, so that the model's answer does not replace the entry.
        try await eventually("the other gateway has it") {
            try await second.chat("one for all", #""cache":{"no-store":true}"#).isHit
        }
        #expect(try await first.chat("one for all").body == answer.body)
        for gateway in [first, second] {
            gateway.terminate()
            #expect(try await gateway.status == 0)
        }
    }

    @Test("A flush removes 2,500 entries and nothing else", arguments: Implementation.allCases)
    func flush(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        let plugin = try PluginDriver(
            TestedPlugin(library: Repository.plugins.appending(path: "libgateway-cache-s3.so").path),
            bucket.pluginParameters.merging([
                "s3_path": "llm", "s3_config": #"{"max_pool_connections": 32, "read_timeout": 300}"#,
            ]) { $1 }
        )
        for batch in 0..<5 {
            let writes = (0..<500).map { plugin.set("team:\(batch)-\($0) ü&+%", "value") }
            for write in writes { #expect(write.wait(seconds: 60)?.statuses == [0]) }
        }
        #expect(plugin.set("other:a", "value").wait()?.statuses == [0])
        _ = try await bucket.boto("s3.put_object(Bucket=BUCKET, Key='team/theirs', Body=b'')")
        #expect(try await bucket.objectCount() == 2_502)
        let flushed = try #require(plugin.flush("team:").wait(seconds: 60))
        #expect(flushed.removed == 2_500, "\(flushed.reason)")
        #expect(try await bucket.objectCount("llm/team/") == 0)
        #expect(try await bucket.objectCount() == 2)
        try plugin.end()
    }

    @Test("Answers of several megabytes are kept whole", arguments: Implementation.allCases)
    func large(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        try await withGateway(Configurations.cached(bucket.parameters("lookup_timeout: 10"))) {
            gateway,
            upstream async throws in
            upstream.answer(with: .chat(String(repeating: "word ü ", count: 500_000)))
            let miss = try await gateway.chat("much")
            try await eventually("it is stored") { try await bucket.objectCount() == 1 }
            let hit = try await gateway.chat("much")
            #expect(hit.isHit && hit.body == miss.body, "\(hit.cacheStatus)")
        }
    }

    /// Damages to an object: Python with its key and the key of an intact object.
    static let damages = [
        "other text": "s3.put_object(Bucket=BUCKET, Key=key, Body=b'nonsense')",
        "nothing": "s3.put_object(Bucket=BUCKET, Key=key, Body=b'')",
        "all but its last byte": "s3.put_object(Bucket=BUCKET, Key=key, Body=body[:-1])",
        "one other byte": "s3.put_object(Bucket=BUCKET, Key=key, Body=body[:-9] + b'?' + body[-8:])",
        "the answer to another question":
            "s3.copy_object(Bucket=BUCKET, Key=key, CopySource={'Bucket': BUCKET, 'Key': other})",
    ]

    @Test("What is not the entry it should be is a miss, and the true answer takes its place", arguments: damages)
    func damaged(what: String, script: String) async throws {
        let bucket = try await Implementation.seaweed.bucket()
        try await withGateway(Configurations.cached(bucket.parameters("lookup_timeout: 5"))) {
            gateway,
            upstream async throws in
            upstream.answer(Load.upstream)
            let keys = "keys = [o['Key'] for o in s3.list_objects_v2(Bucket=BUCKET)['Contents']]\n"
            _ = try await gateway.chat("question 1")
            try await eventually("the entry is stored") { try await bucket.objectCount() == 1 }
            let key = try await bucket.boto(keys + "print(keys[0])")
            _ = try await gateway.chat("question 2")
            try await eventually("the other entry is stored") { try await bucket.objectCount() == 2 }
            _ = try await bucket.boto(
                """
                \(keys)
                key = '\(key)'
                other = [k for k in keys if k != key][0]
                body = s3.get_object(Bucket=BUCKET, Key=key)['Body'].read()
                \(script)
                """
            )
            let answer = try await gateway.chat("question 1")
            #expect(answer.status == 200 && !answer.isHit, "\(what) was taken for the entry")
            #expect(answer.content?.hasPrefix("answer to question 1;") == true, "\(answer.text)")
            try await eventually("the true answer is stored again") {
                let again = try await gateway.chat("question 1")
                #expect(again.content?.hasPrefix("answer to question 1;") == true, "\(again.text)")
                return again.isHit
            }
        }
    }

    @Test("Reaches a bucket by a host of its own where s3_config says so")
    func virtualHost() async throws {
        let bucket = try await Implementation.seaweed.bucket()
        let parameters = bucket.parameters("lookup_timeout: 5\ns3_config: {s3: {addressing_style: virtual}}")
            .replacingOccurrences(of: "127.0.0.1", with: "localhost")
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").isHit, "\(gateway.log)")
            try await eventually("the object is in the bucket") { try await bucket.objectCount("gateway/") == 1 }
        }
    }

    @Test("A wrong secret and a missing bucket are logged once and cost no request", arguments: Implementation.allCases)
    func refused(_ implementation: Implementation) async throws {
        let bucket = try await implementation.bucket()
        let wrong = bucket.parameters("lookup_timeout: 5").replacingOccurrences(
            of: bucket.keys.secret,
            with: "wrong-secret-0123456789"
        )
        for (parameters, words) in [
            (wrong, "check 's3_aws_secret_access_key'"),
            (
                bucket.parameters("lookup_timeout: 5").replacingOccurrences(of: bucket.name, with: "nowhere"),
                "create it, or correct"
            ),
        ] {
            try await withGateway(Configurations.cached(parameters)) { gateway, upstream async throws in
                for number in 0..<8 { #expect(try await gateway.chat("hello \(number)").status == 200) }
                #expect(upstream.calls == 8)
                #expect(try await gateway.get("/cache/ping").status == 503)
                let lines = gateway.log.split(whereSeparator: \.isNewline).filter { $0.contains("reports its backend") }
                // A write may have been in flight, and then SeaweedFS reports a missing bucket with another text.
                #expect(lines.filter { $0.contains(words) }.count == 1 && lines.count <= 2, "\(gateway.log)")
            }
        }
    }
}
