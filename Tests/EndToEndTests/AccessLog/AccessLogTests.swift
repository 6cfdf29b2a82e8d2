import Foundation
import Testing

/// `--access-log`: one line for each request.
@Suite("The access log", .timeLimit(.minutes(1)))
struct AccessLogTests {
    private let configuration = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params: {model: openai/gpt-3.5-turbo, api_base: "UPSTREAM/v1", api_key: sk-provider}
            model_info: {input_cost_per_token: 0.0000005, output_cost_per_token: 0.0000015}
        litellm_settings: {cache: true, cache_params: {type: local}}
        general_settings:
          master_key: sk-master
          keys: [{name: team-a, key: sk-team-a-000000000000}]
        """

    private func start(_ upstream: RecordingUpstream, _ arguments: String...) async throws -> GatewayProcess {
        try await GatewayProcess.start(
            configuration.replacingOccurrences(of: "UPSTREAM", with: upstream.url),
            arguments: arguments
        )
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.contains(" access ") || $0.contains("\"access\"") }.map(String.init)
    }

    @Test(
        "has a line for a miss, a hit, an error and a refused request, with what the cache did, and neither content nor a key"
    )
    func kinds() async throws {
        let upstream = try await RecordingUpstream.start()
        let gateway = try await start(upstream, "--access-log", "stderr", "--access-log-format", "json")
        let key = ["Authorization": "Bearer sk-team-a-000000000000"]
        for id in ["first", "second"] {
            _ = try await gateway.chat("a secret question", headers: key.merging(["X-Request-ID": id]) { $1 })
        }
        _ = try await gateway.chat("x", model: "nothing", headers: key.merging(["X-Request-ID": "third"]) { $1 })
        _ = try await gateway.chat("x", headers: ["Authorization": "Bearer sk-wrong", "X-Request-ID": "fourth"])
        gateway.terminate()
        #expect(try await gateway.status == 0)
        let lines = self.lines(gateway.log)
        let records = lines.map { JSON(Array($0.utf8)) }
        func record(_ id: String) throws -> JSON { try #require(records.first { $0["request_id"].string == id }) }
        let miss = try record("first")
        #expect(miss["key"].string == "team-a" && miss["endpoint"].string == "/v1/chat/completions")
        #expect(miss["model"].string == "gpt-3.5-turbo" && miss["deployment"].string?.isEmpty == false)
        #expect(miss["status"].int == 200 && miss["cache"].string == "miss" && miss["reason"].string == "absent")
        #expect(miss["stored"].bool == true && miss["upstream_ms"].exists && miss["end"].string == "answered")
        #expect(miss["input_tokens"].int == 13 && !miss["saved_input_tokens"].exists)
        let dollars = 13 * 0.0000005 + 24 * 0.0000015
        #expect(abs((miss["spent_usd"].double ?? 0) - dollars) < 1e-12 && !miss["saved_usd"].exists)
        let hit = try record("second")
        #expect(abs((hit["saved_usd"].double ?? 0) - dollars) < 1e-12 && !hit["spent_usd"].exists)
        #expect(hit["cache"].string == "hit" && hit["age_s"].exists && !hit["upstream_ms"].exists)
        #expect(hit["saved_input_tokens"].int == 13 && !hit["input_tokens"].exists)
        #expect(try record("third")["status"].int == 404)
        let refused = try record("fourth")
        #expect(refused["status"].int == 401 && !refused["key"].exists && !refused["cache"].exists)
        #expect(lines.allSatisfy { !$0.contains("secret question") && !$0.contains("sk-") })
    }

    @Test("has the tokens and the pieces of a stream, for the request whose call it was, and as saved for a hit")
    func stream() async throws {
        let upstream = try await RecordingUpstream.start { _, _ in .chatStream(["a", "b"], usage: true) }
        let gateway = try await start(upstream, "--access-log", "stderr", "--access-log-format", "json")
        let key = ["Authorization": "Bearer sk-master"]
        for id in ["first", "second"] {
            let answer = try await gateway.chat(
                "q",
                #""stream":true,"stream_options":{"include_usage":true}"#,
                headers: key.merging(["X-Request-ID": id]) { $1 }
            )
            #expect(answer.status == 200)
        }
        gateway.terminate()
        #expect(try await gateway.status == 0)
        let records = lines(gateway.log).map { JSON(Array($0.utf8)) }
        let miss = try #require(records.first { $0["request_id"].string == "first" })
        #expect(miss["stored"].exists == false, "its head was sent before it was known")
        #expect((miss["pieces"].int ?? 0) >= 3 && (miss["input_tokens"].int ?? 0) > 0, "\(miss)")
        let hit = try #require(records.first { $0["request_id"].string == "second" })
        #expect(hit["cache"].string == "hit" && hit["saved_input_tokens"].int == miss["input_tokens"].int, "\(hit)")
        #expect(hit["saved_output_tokens"].int == miss["output_tokens"].int)
    }

    @Test("goes on in a new file when its file is renamed, and loses no line")
    func rotation() async throws {
        let upstream = try await RecordingUpstream.start()
        let folder = try TemporaryDirectory()
        let file = folder.url.appendingPathComponent("access.log")
        let old = folder.url.appendingPathComponent("access.log.1")
        let gateway = try await start(upstream, "--access-log", file.path)
        let key = ["Authorization": "Bearer sk-master"]
        func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
        for _ in 0..<20 { _ = try await gateway.chat("q", headers: key) }
        try await eventually("the lines are written") { lines(text(file)).count == 21 }
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o027 } == 0, "nobody else reads who asks for what")
        try FileManager.default.moveItem(at: file, to: old)
        try await eventually("a new file is there") {
            _ = try await gateway.chat("q", headers: key)
            return FileManager.default.fileExists(atPath: file.path)
        }
        gateway.terminate()
        #expect(try await gateway.status == 0)
        let asked = upstream.requests.count
        #expect(asked == 1)
        let ids = (lines(text(old)) + lines(text(file))).compactMap {
            $0.firstMatch(of: #/request_id=(\w+)/#)?.output.1
        }
        #expect(Set(ids).count == ids.count && !lines(text(file)).isEmpty)
        #expect(!gateway.log.contains(" access "), "it is not in the other log")
    }

    @Test("a file that cannot be written is an error at the start, which names it")
    func unwritable() async throws {
        let upstream = try await RecordingUpstream.start()
        let error = await #expect(throws: HarnessError.self) {
            try await start(upstream, "--access-log", "/nowhere/access.log")
        }
        #expect(
            "\(String(describing: error))".contains("cannot write the access log '/nowhere/access.log': No such file")
        )
        let format = await #expect(throws: HarnessError.self) {
            try await start(upstream, "--access-log-format", "json")
        }
        #expect("\(String(describing: format))".contains("add --access-log stderr"))
    }

    @Test("debug explains why a request was answered as it was, without content")
    func explained() async throws {
        let upstream = try await RecordingUpstream.start()
        let gateway = try await start(upstream, "--log-level", "debug")
        let key = ["Authorization": "Bearer sk-master"]
        _ = try await gateway.chat("a secret question", headers: key.merging(["X-Request-ID": "one"]) { $1 })
        _ = try await gateway.chat("a secret question", headers: key.merging(["X-Request-ID": "two"]) { $1 })
        _ = try await gateway.chat(
            "a secret question",
            #""cache":{"no-store":true,"no-cache":true}"#,
            headers: key.merging(["X-Request-ID": "three"]) { $1 }
        )
        for pattern in [
            #/the cache has no answer that the request accepts: absent request=one/#,
            #/the request leads a call to model 'gpt-3.5-turbo' request=one/#,
            #/the answer was handed to the cache's backend request=one/#,
            #/a request has ended .*cache=hit .*request_id=two/#,
            #/the request gets a call of its own, whose answer is not stored request=three/#,
        ] {
            #expect(try await gateway.logged(pattern))
        }
        #expect(!gateway.log.contains("secret question") && !gateway.log.contains("sk-"))
    }
}

extension OneAtATime {
    /// An access log under load.
    @Suite("An access log that is not read", .timeLimit(.minutes(2)))
    struct UnreadAccessLogTests {
        @Test("keeps nobody waiting, and the lines that are missing are counted")
        func unread() async throws {
            let upstream = try await RecordingUpstream.start()
            let folder = try TemporaryDirectory()
            let fifo = folder.url.appendingPathComponent("fifo")
            #expect(mkfifo(fifo.path, 0o600) == 0)
            // The reader opens the pipe and reads nothing until the end.
            let reader = open(fifo.path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            let gateway = try await GatewayProcess.start(
                Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                arguments: ["--access-log", fifo.path]
            )
            let load = Load(port: gateway.port, connections: 8, questions: 1)
            _ = try await load.run(24_000)
            var taken = [UInt8]()
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            try await eventually("what is missing is counted") {
                while true {
                    let count = read(reader, &buffer, buffer.count)
                    guard count > 0 else { break }
                    taken += buffer[..<count]
                }
                return String(decoding: taken, as: UTF8.self).contains(
                    "log lines were dropped because the log was not read"
                )
            }
        }
    }
}
