import Testing

/// Which clients get the usage of a streamed answer, and what the model is asked for.
@Suite("The usage of streams", .timeLimit(.minutes(2)))
struct StreamUsageTests {
    private static func isAsked(_ request: RecordingUpstream.Request) -> Bool { request.text.contains("include_usage") }

    /// A stream that reports the usage in this event, if at all.
    private static func stream(_ usage: String?) -> Answer {
        let tail = usage.map { "data: \($0)\n\n" } ?? ""
        return .chatStream(["one", " two"], ends: tail + "data: [DONE]\n\n")
    }

    private static let withoutChoices =
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","#
        + #""usage":{"prompt_tokens":13,"completion_tokens":24,"total_tokens":37}}"#

    @Test("A server that never reports it is asked for it once: the entry serves every client that wants it")
    func ignored() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer(with: Self.stream(nil))
            let miss = try await gateway.stream("hi", usage: true)
            #expect(miss.wasForwarded("miss"))
            for usage in [true, false] {
                let hit = try await gateway.stream("hi", usage: usage)
                #expect(hit.isHit && hit.body == miss.body, "\(hit.cacheStatus)")
            }
            #expect(try await gateway.chat("hi").isHit)
            #expect(upstream.calls == 1)

            // No request had asked for it before. Now it is requested once.
            _ = try await gateway.stream("later")
            #expect(try await gateway.stream("later", usage: true).cacheStatus.contains("without-usage"))
            #expect(try await gateway.stream("later", usage: true).isHit)
            #expect(upstream.calls == 3)
        }
    }

    @Test(
        "It is recognised with an empty list of choices and without one, and sent to clients that request it",
        arguments: [
            Answer.usageChunk, withoutChoices, withoutChoices.replacing(#""usage""#, with: #""choices":null,"usage""#),
        ]
    )
    func recognised(usage: String) async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer { request, _ in Self.stream(Self.isAsked(request) ? usage : nil) }
            let miss = try await gateway.stream("hi", usage: true)
            #expect(miss.text.contains(#""total_tokens":37"#))
            let hit = try await gateway.stream("hi", usage: true)
            #expect(hit.isHit && hit.body == miss.body, "\(hit.cacheStatus)")
            let silent = try await gateway.stream("hi")
            #expect(silent.isHit && !silent.text.contains("usage"), "\(silent.text)")
            #expect(silent.events.last == "[DONE]" && silent.streamedContent == "one two")
            #expect(try await gateway.chat("hi").json["usage"]["total_tokens"].int == 37)
            #expect(upstream.calls == 1)
        }
    }

    @Test(
        "A follower of a call that requested it gets it only on request",
        arguments: [Answer.usageChunk, withoutChoices]
    )
    func followers(usage: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { request, _ in
                var answer = Self.stream(Self.isAsked(request) ? usage : nil)
                answer.gate = gate
                return answer
            }
            async let leader = gateway.stream("hi", usage: true)
            try await upstream.arrival(of: 1)
            async let follower = gateway.stream("hi")
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            #expect(try await leader.text.contains(#""total_tokens":37"#))
            let told = try await follower
            #expect(told.cacheStatus.contains("collapsed") && !told.text.contains("usage"), "\(told.text)")
            #expect(upstream.calls == 1)
        }
    }

    @Test(
        "What a server reports without a request is passed on unchanged, at first and from the cache",
        arguments: [Answer.usageChunk, withoutChoices]
    )
    func unasked(usage: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = Self.stream(usage)
            upstream.answer(with: answer)
            guard case .bytes(let bytes) = answer.body else { return }
            let miss = try await gateway.stream("hi")
            #expect(miss.wasForwarded("miss") && miss.body == bytes, "\(miss.text)")
            for asks in [false, true] {
                let hit = try await gateway.stream("hi", usage: asks)
                #expect(hit.isHit && hit.body == bytes, "\(hit.cacheStatus) \(hit.text)")
            }
            #expect(try await gateway.chat("hi").json["usage"]["total_tokens"].int == 37)
            #expect(upstream.calls == 1)
        }
    }
}
