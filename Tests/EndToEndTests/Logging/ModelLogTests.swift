import Foundation
import Testing

extension OneAtATime {
    /// The log of failing models.
    @Suite("Models in the log", .timeLimit(.minutes(2)))
    struct ModelLogTests {
        /// One model with deployments at these addresses, and no retries.
        private func configuration(_ addresses: String...) -> String {
            let deployments = addresses.enumerated().map { index, address in
                """
                  - model_name: gpt-3.5-turbo
                    litellm_params: {model: openai/part-\(index), api_base: "\(address)/v1", api_key: sk-hush, timeout: 0.3}

                """
            }
            return "model_list:\n" + deployments.joined() + "litellm_settings: {num_retries: 0}\n"
        }

        /// Sends `count` requests, and returns the lines about models once the gateway has stopped.
        private func lines(_ configuration: String, asking count: Int, _ upstream: RecordingUpstream) async throws
            -> [Substring]
        {
            let gateway = try await GatewayProcess.start(
                configuration.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            )
            _ = try await Load(port: gateway.port, connections: 16, questions: 1_000_000).run(count)
            gateway.terminate()
            #expect(try await gateway.status == 0)
            #expect(try await gateway.logged(#/ stopped\n/#))
            #expect(!gateway.log.contains("sk-hush"))
            return gateway.log.split(separator: "\n").filter { $0.contains("model 'gpt-3.5-turbo'") }
        }

        /// Expects that a few lines report the failures and count all of them.
        private func expectFew(_ lines: [Substring], of count: Int, saying words: String) {
            let failures = lines.filter { $0.contains(words) }
            let leftOut = failures.compactMap { $0.firstMatch(of: #/ (\d+) more lines? /#)?.output.1 }.compactMap {
                Int($0)
            }
            #expect((1...8).contains(failures.count), "\(lines.count) lines: \(lines.prefix(9))")
            #expect(leftOut.reduce(0, +) + failures.count - leftOut.count == count, "\(lines)")
            #expect(lines.count <= 12, "\(lines)")
        }

        @Test("A model that cannot be reached is a few lines, which name the model and the host")
        func unreachable() async throws {
            let upstream = try await RecordingUpstream.start()
            let port = try FreePort.find()
            let lines = try await lines(configuration("http://127.0.0.1:\(port)"), asking: 2_000, upstream)
            expectFew(lines, of: 2_000, saying: "cannot connect to 127.0.0.1:\(port)")
            #expect(lines.first?.contains("openai/part-0 at http://127.0.0.1:\(port)") == true)
            #expect(lines.filter { $0.contains("is taken out of rotation") }.count == 1)
        }

        @Test("A model that does not answer in time is a few lines")
        func timeout() async throws {
            let upstream = try await RecordingUpstream.start { _, _ in Answer(body: .silence) }
            let lines = try await lines(configuration("UPSTREAM"), asking: 64, upstream)
            expectFew(lines, of: 64, saying: "took too long")
        }

        @Test("A model that answers with an error is a few lines for each kind", arguments: [500, 503, 429])
        func status(code: Int) async throws {
            let upstream = try await RecordingUpstream.start { _, _ in .json(#"{"error":{}}"#, status: code) }
            let lines = try await lines(configuration("UPSTREAM"), asking: 2_000, upstream)
            expectFew(lines, of: 2_000, saying: "answered \(code)")
        }

        @Test("A key that the model refuses is logged, without the key")
        func refusedKey() async throws {
            let upstream = try await RecordingUpstream.start { _, _ in
                .json(#"{"error":"sk-hush is wrong"}"#, status: 401)
            }
            let lines = try await lines(configuration("UPSTREAM"), asking: 10, upstream)
            expectFew(lines, of: 10, saying: "refuses the deployment's key (401)")
        }

        @Test("A deployment that is taken out of rotation and comes back is two lines")
        func rotation() async throws {
            let upstream = try await RecordingUpstream.start()
            upstream.answer { request, number in
                number == 1
                    ? .json("{}", status: 503, headers: [("retry-after", "1")]) : Answer.standard(request, number)
            }
            let other = try await RecordingUpstream.start()
            let text = configuration(upstream.url, other.url)
            try await withGateway(text) { gateway, _ async throws in
                try await eventually("the first deployment was tried, and it failed") {
                    _ = try await gateway.chat("hello")
                    return upstream.calls == 1
                }
                #expect(try await gateway.logged(#/part-0.* is taken out of rotation.* go to the other one/#))
                let calls = other.calls
                _ = try await gateway.chat("hello")
                #expect(other.calls == calls + 1)
                try await eventually("it is called again") {
                    _ = try await gateway.chat("hello")
                    return upstream.calls > 1
                }
                #expect(try await gateway.logged(#/part-0.* answers again and is back in rotation/#))
                let lines = gateway.log.split(separator: "\n").filter { $0.contains("rotation") }
                #expect(lines.count == 2, "\(lines)")
            }
        }

        @Test("The first line has the version, the configuration and the number of models")
        func start() async throws {
            try await withGateway { gateway, _ async throws in
                let first = try #require(gateway.log.split(separator: "\n").first)
                let file = gateway.directory.url.appending(path: "config.yaml").path
                #expect(
                    first.contains("gateway \(try Repository.version) starts with \(file): 4 models, 4 deployments")
                )
            }
        }
    }
}
