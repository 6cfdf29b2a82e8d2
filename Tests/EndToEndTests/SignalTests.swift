import Foundation
import Testing

extension OneAtATime {
    /// Signals, and how the gateway stops.
    @Suite("Signals and stopping", .timeLimit(.minutes(2)))
    struct SignalTests {
        private static let chat = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}]}"#
        private static let stream =
            #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
        private static let post = GatewayProcess.request("POST", "/v1/chat/completions", chat)

        @Test(
            "Signals that are not meant to stop the gateway do not, and are logged",
            arguments: [
                (SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2"), (SIGQUIT, "SIGQUIT"),
                (SIGALRM, "SIGALRM"),
            ]
        )
        func harmless(number: Int32, name: String) async throws {
            try await withGateway { gateway, _ async throws in
                gateway.signal(number)
                #expect(try await gateway.logged(try Regex(name)))
                #expect(try await gateway.chat("hi").status == 200)
            }
        }

        @Test("A stream that is cut off by the stop ends with an error event, before its connection is closed")
        func cutStream() async throws {
            try await withGateway(Configurations.local + "general_settings:\n  drain_timeout: 300ms\n") {
                gateway,
                upstream async throws in
                let stream = ControlledStream()
                upstream.answer(with: .events(stream))
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.stream))
                stream.sendChunk("one")
                #expect(try await connection.readHead().status == 200)
                var events = EventReader(connection)
                #expect(try await events.next()?.contains("one") == true)
                gateway.terminate()
                let last = JSON(Array(try await events.next()?.utf8 ?? "".utf8))
                #expect(last["error"]["code"].string == "gateway_stopping")
                #expect(last["error"]["message"].string?.contains("stopping") == true)
                // There is no last chunk, so that the stream is incomplete.
                await #expect(throws: (any Error).self) { _ = try await events.next() }
                #expect(try await gateway.status == 0)
            }
        }

        @Test("A stream without the cache that is cut off by the stop ends with an error event as well")
        func cutUncachedStream() async throws {
            try await withGateway(Configurations.uncached + "general_settings:\n  drain_timeout: 300ms\n") {
                gateway,
                upstream async throws in
                let stream = ControlledStream()
                upstream.answer(with: .events(stream))
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", Self.stream))
                stream.sendChunk("one")
                #expect(try await connection.readHead().status == 200)
                var events = EventReader(connection)
                #expect(try await events.next()?.contains("one") == true)
                gateway.terminate()
                #expect(try await events.next()?.contains("gateway_stopping") == true)
                #expect(try await gateway.status == 0)
            }
        }

        @Test("A request whose answer has not begun when the gateway has to stop is answered 503")
        func cutRequest() async throws {
            try await withGateway(Configurations.local + "general_settings:\n  drain_timeout: 300ms\n") {
                gateway,
                upstream async throws in
                upstream.answer(with: Answer(body: .silence))
                let connection = try await gateway.connect()
                try await connection.send(Self.post)
                try await upstream.arrival(of: 1)
                gateway.terminate()
                let response = try await connection.readResponse()
                #expect(response.status == 503)
                #expect(response["retry-after"] == "1")
                #expect(response.json["error"]["code"].string == "gateway_stopping")
                #expect(await connection.readEnd())
                #expect(try await gateway.status == 0)
            }
        }

        @Test(
            "While requests are finished, connections that were open are answered: readiness says 503, each answer is the last"
        )
        func draining() async throws {
            try await withGateway { gateway, upstream async throws in
                let gate = Gate()
                upstream.answer { request, number in
                    var answer = Answer.standard(request, number)
                    answer.gate = gate
                    return answer
                }
                let (probe, other, waiting) = (
                    try await gateway.connect(), try await gateway.connect(), try await gateway.connect()
                )
                for connection in [probe, other] {
                    try await connection.send(GatewayProcess.request("GET", "/health/readiness", nil))
                    #expect(try await connection.readResponse().status == 200)
                }
                try await waiting.send(Self.post)
                try await upstream.arrival(of: 1)
                gateway.terminate()
                try await eventually("nothing is accepted") { (try? await gateway.connect()) == nil }
                try await probe.send(GatewayProcess.request("GET", "/health/readiness", nil))
                let readiness = try await probe.readResponse()
                #expect(readiness.status == 503)
                #expect(readiness.json["status"].string == "stopping")
                #expect(readiness["connection"] == "close")
                #expect(await probe.readEnd())
                try await other.send(GatewayProcess.request("GET", "/v1/models", nil))
                let models = try await other.readResponse()
                #expect(models.status == 200 && models["connection"] == "close")
                gate.open()
                #expect(try await waiting.readResponse().content == "answer 1")
                #expect(try await gateway.status == 0)
            }
        }

        @Test("With `drain_delay` the gateway serves on for a while, new connections too, and readiness says 503")
        func delay() async throws {
            try await withGateway(Configurations.local + "general_settings:\n  drain_delay: 2s\n") {
                gateway,
                _ async throws in
                #expect(try await gateway.get("/health/readiness").status == 200)
                gateway.terminate()
                try await eventually("readiness says 503") { try await gateway.get("/health/readiness").status == 503 }
                #expect(try await gateway.chat("hi").content == "answer 1")
                #expect(try await gateway.get("/health/liveliness").status == 200)
                #expect(try await gateway.status == 0)
            }
        }

        @Test("A gateway without requests stops at once, although connections are open")
        func idle() async throws {
            try await withGateway { gateway, _ async throws in
                let connection = try await gateway.connect()
                try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
                #expect(try await connection.readResponse().status == 200)
                gateway.terminate()
                #expect(await connection.readEnd())
                #expect(try await gateway.status == 0)
            }
        }

        @Test(
            "A command whose output cannot be written fails and says so",
            arguments: [
                "check --config examples/quickstart.yaml --plugin-dir PLUGINS", "plugins list --plugin-dir PLUGINS",
                "plugins describe local --plugin-dir PLUGINS", "reference --plugin-dir PLUGINS", "--help", "--version",
            ]
        )
        func fullDisk(arguments: String) async throws {
            let line = arguments.replacingOccurrences(of: "PLUGINS", with: Repository.plugins.path)
            let result = try await Command.run(
                URL(fileURLWithPath: "/bin/sh"),
                ["-c", #"exec "$0" $1 >/dev/full"#, Repository.gateway.path, line]
            )
            #expect(result.status == 1)
            #expect(
                result.standardError.contains("gateway: cannot write to standard output: No space left on device"),
                "\(result.standardError)"
            )
        }

        @Test("Descriptors 0 to 2 that are closed at startup are /dev/null, not a client's connection")
        func closedDescriptors() async throws {
            let upstream = try await RecordingUpstream.start()
            let directory = try TemporaryDirectory()
            let file = try directory.write(
                Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                to: "config.yaml"
            )
            let port = try FreePort.find()
            let command = try Command(
                URL(fileURLWithPath: "/bin/sh"),
                [
                    "-c", #"exec "$0" --config "$1" --port "$2" --plugin-dir "$3" 0<&- 1>&- 2>&-"#,
                    Repository.gateway.path,
                    file.path, "\(port)", Repository.plugins.path,
                ],
                directory: directory.url
            )
            defer { command.signal(SIGKILL) }
            try await eventually("it serves") { (try? await Connection.open(port: port)) != nil }
            let connection = try await Connection.open(port: port)
            try await connection.send(Self.post)
            #expect(try await connection.readResponse().content == "answer 1")
            for descriptor in 0...2 {
                let target = try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(command.processIdentifier)/fd/\(descriptor)"
                )
                #expect(target == "/dev/null")
            }
            command.signal(SIGTERM)
            #expect(try await command.status == 0)
        }
    }
}
