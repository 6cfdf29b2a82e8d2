import Foundation
import Testing

extension OneAtATime {
    /// Swift normalises text to compare it, which takes quadratic time where it holds many combining marks. Text from
    /// outside is compared as bytes, in time proportional to its length.
    @Suite("Text made to be slow", .timeLimit(.minutes(5)))
    struct HostileTextTests {
        /// Alternating combining marks of two classes, which normalisation must sort.
        private static func marks(_ bytes: Int) -> String { String(repeating: "\u{301}\u{316}", count: bytes / 4) }
        private static func letters(_ bytes: Int) -> String { String(repeating: "ab", count: bytes / 2) }

        /// Times `attempt` with hostile and with harmless text in turn, and expects the fastest of each to be alike.
        /// Code that normalises takes a hundred times as long.
        private func expectAlike(
            _ bytes: Int,
            sourceLocation: SourceLocation = #_sourceLocation,
            _ attempt: (String) async throws -> Void
        ) async throws {
            let clock = ContinuousClock()
            var harmless = Duration.seconds(3600)
            var hostile = Duration.seconds(3600)
            for _ in 0..<8 {
                harmless = min(harmless, try await clock.measure { try await attempt(Self.letters(bytes)) })
                hostile = min(hostile, try await clock.measure { try await attempt(Self.marks(bytes)) })
                // Another try distinguishes code that is slow once from code that is always slow.
                if hostile < harmless * 4 { break }
            }
            #expect(
                hostile < max(harmless, .milliseconds(2)) * 10,
                "\(bytes) bytes: \(hostile) with combining marks, \(harmless) with letters",
                sourceLocation: sourceLocation
            )
        }

        @Test("The name of a model")
        func modelName() async throws {
            try await withGateway { gateway, upstream async throws in
                try await expectAlike(128 << 10) { name in
                    let answer = try await gateway.chat("hello", model: name)
                    #expect(answer.status == 400)
                    #expect(answer.json["error"]["param"].string == "model")
                    #expect(answer.body.count < 1024)
                }
                // A name may be this long.
                try await expectAlike(1 << 10) { name in
                    let answer = try await gateway.chat("hello", model: name)
                    #expect(answer.status == 404)
                    #expect(answer.body.count < 1024, "only the beginning of a name is told")
                }
                #expect(upstream.calls == 0)
            }
        }

        @Test("The name of a model in a path")
        func modelPath() async throws {
            try await withGateway { gateway, _ async throws in
                let escaped = String(repeating: "%CC%81%CC%96", count: 1_000)
                let answer = try await gateway.get("/v1/models/" + escaped)
                #expect(answer.status == 404)
                #expect(answer.json["error"]["code"].string == "model_not_found")
                #expect(answer.body.count < 1024)
                #expect(try await gateway.get("/v1/models/gpt-4").status == 200)
            }
        }

        @Test("The name of a member of 'cache'")
        func cacheMember() async throws {
            try await withGateway { gateway, upstream async throws in
                try await expectAlike(128 << 10) { name in
                    let answer = try await gateway.chat("hello", #""cache":{"\#(name)":1}"#)
                    #expect(answer.status == 400)
                    #expect(answer.json["error"]["param"].string == "cache")
                    #expect(answer.json["error"]["message"].string?.contains("64 bytes") == true)
                    #expect(answer.body.count < 1024)
                }
                #expect(try await gateway.chat("hello", #""cache":{"\#(Self.letters(64))":1}"#).status == 200)
                #expect(upstream.calls == 1)
            }
        }

        @Test("A directive of Cache-Control")
        func directive() async throws {
            try await withGateway { gateway, _ async throws in
                try await expectAlike(12 << 10) { name in
                    let answer = try await gateway.chat("hello", headers: ["Cache-Control": "no-cache" + name])
                    #expect(answer.status == 200)
                    #expect(!answer.wasForwarded("request"))
                }
            }
        }

        @Test("A member of a model's answer to embeddings")
        func embeddingMember() async throws {
            try await withGateway { gateway, upstream async throws in
                try await expectAlike(128 << 10) { name in
                    upstream.answer(
                        with: .json(
                            #"{"\#(name)":1,"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"#
                                + #""model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}"#
                        )
                    )
                    let answer = try await gateway.embed(["hello \(UUID())"])
                    #expect(answer.status == 200)
                    #expect(answer.cacheStatus.contains("stored"))
                }
            }
        }

        @Test("The type of an event")
        func eventType() async throws {
            try await withGateway { gateway, upstream async throws in
                try await expectAlike(128 << 10) { name in
                    let chunk = #"{"id":"1","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#
                    upstream.answer(
                        with: Answer(
                            headers: [("content-type", "text/event-stream")],
                            body: .bytes(Array("event: error\(name)\ndata: \(chunk)\n\ndata: [DONE]\n\n".utf8))
                        )
                    )
                    let answer = try await gateway.chat("hello \(UUID())", #""stream":true"#)
                    #expect(answer.status == 200)
                    #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
                }
            }
        }
    }
}
