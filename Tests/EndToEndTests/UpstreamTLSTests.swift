import Testing

extension OneAtATime {
    /// The messages for clients and operators where TLS with a model fails.
    @Suite("TLS with a model that fails", .timeLimit(.minutes(1)))
    struct UpstreamTLSTests {
        private static func configuration(_ port: Int) -> String {
            """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/m, api_base: "https://127.0.0.1:\(port)/v1", api_key: sk-upstream}
            litellm_settings: {num_retries: 0}

            """
        }

        @Test("A client is told what failed in plain words; what the library said is in the log")
        func plainWords() async throws {
            // It speaks plain HTTP.
            let server = try await RecordingUpstream.start()
            try await withGateway(Self.configuration(server.port)) { gateway, _ async throws in
                let answer = try await gateway.chat("hello")
                #expect(answer.status == 502)
                #expect(answer.json["error"]["code"].string == "upstream_tls_failed", "\(answer.text)")
                let message = answer.json["error"]["message"].string ?? ""
                #expect(message.contains("does not answer as a TLS server does"), "\(message)")
                for word in ["SSL", "error:", ".cc", ".swift", "checkouts", "/work", "NIO"] {
                    #expect(!message.contains(word), "\(message)")
                }
                #expect(try await gateway.logged(#/WRONG_VERSION_NUMBER/#))
            }
        }

        @Test("A reset within the handshake is a failure to connect, at once and not after the time to connect")
        func reset() async throws {
            let server = try await RecordingUpstream.start()
            let proxy = try await FaultProxy.start(before: server.port)
            proxy.switchTo(.reset)
            try await withGateway(Self.configuration(proxy.port)) { gateway, _ async throws in
                let answer = try await gateway.chat("hello")
                #expect(answer.status == 502)
                #expect(answer.json["error"]["code"].string == "upstream_unreachable", "\(answer.text)")
            }
        }
    }
}
