import NIOCore
import Testing

/// Calls to models whose answers no client waits for.
@Suite("Answers that no client waits for", .timeLimit(.minutes(2)))
struct UnwantedAnswerTests {
    private static let events = [("content-type", "text/event-stream")]

    /// A stream of chat chunks that does not end.
    private static var endless: Answer {
        let text = String(repeating: "x", count: 2_000)
        let chunk = ByteBuffer(string: "data: \(Answer.chunk(#"{"content":"\#(text)"}"#))\n\n")
        return Answer(headers: events, body: .repeated(chunk, times: .max))
    }

    private static let stream = GatewayProcess.request(
        "POST",
        "/v1/chat/completions",
        #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
    )

    /// Requests a stream and disconnects once it has begun.
    private func visit(_ gateway: GatewayProcess, _ request: String = stream) async throws {
        let sink = try await ByteSink.open(port: gateway.port)
        try await sink.send(request)
        _ = try await sink.start()
        sink.close()
        _ = try await sink.isClosed.first { $0 }
    }

    private func modelIsLeft(_ upstream: RecordingUpstream) async throws {
        try await eventually("nothing is read from the model any more") { upstream.answering == 0 }
    }

    @Test(
        "A recording that outgrows its limit after the client has left ends the call",
        arguments: ["events", "comments"]
    )
    func outgrown(form: String) async throws {
        let configuration = Configurations.cached("type: local\nmax_entry_size: 64KB\non_disconnect: finish")
        try await withGateway(configuration) { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            stream.sendChunk("some")
            try await visit(gateway)
            // The call continues, to fill the cache.
            try await Task.sleep(for: .milliseconds(300))
            #expect(upstream.answering == 1)
            let text = String(repeating: "x", count: 2_000)
            for _ in 0..<50 {
                if form == "events" { stream.sendChunk(text) } else { stream.sendText(": \(text)\n\n") }
            }
            try await modelIsLeft(upstream)
        }
    }

    @Test(
        "An error that no client waits for any more is not read further, whatever `on_disconnect` says",
        arguments: [
            "auto", "finish", "cancel",
        ]
    )
    func errors(onDisconnect: String) async throws {
        let configuration = Configurations.cached("type: local\non_disconnect: \(onDisconnect)")
        try await withGateway(configuration) { gateway, upstream async throws in
            let text = ByteBuffer(repeating: UInt8(ascii: "e"), count: 2_000)
            upstream.answer(with: Answer(status: 400, body: .repeated(text, times: .max)))
            try await visit(gateway)
            try await modelIsLeft(upstream)
        }
    }

    /// The request of a client that joins a refresh, because it accepts only an answer of no age.
    private static let guest = guest(#""stream":true,"#)

    private static func guest(_ members: String) -> String {
        GatewayProcess.request(
            "POST",
            "/v1/chat/completions",
            #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],\#(members)"cache":{"s-maxage":0}}"#
        )
    }

    private func stale(_ onDisconnect: String) -> String {
        Configurations.cached(
            "type: local\nttl: 1\nstale_while_revalidate: 60\nmax_entry_size: 64KB\non_disconnect: \(onDisconnect)"
        )
    }

    @Test("A refresh that a client joins and leaves again goes on", arguments: ["auto", "cancel", "finish"])
    func refreshGoesOn(onDisconnect: String) async throws {
        try await withGateway(stale(onDisconnect)) { gateway, upstream async throws in
            upstream.answer(with: .chatStream(["old"]))
            #expect(try await gateway.stream("hi").streamedContent == "old")
            try await Task.sleep(for: .milliseconds(1_500))
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            #expect(try await gateway.stream("hi").streamedContent == "old")
            try await upstream.arrival(of: 2)
            stream.sendChunk("new")
            try await visit(gateway, Self.guest)
            // The gateway has noticed that the client is gone once it has answered two more requests.
            for _ in 0..<2 { _ = try await gateway.get("/health/liveliness") }
            try await Task.sleep(for: .milliseconds(200))
            #expect(upstream.answering == 1)
            #expect(upstream.calls == 2, "the guest rode along")
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            stream.finish()
            try await eventually("the new answer is served") {
                try await gateway.stream("hi").streamedContent == "new"
            }
        }
    }

    @Test(
        "A refresh of an answer in one piece goes on too, whatever form the client that joins and leaves wants",
        arguments: ["auto", "cancel", "finish"],
        [#""stream":true,"#, ""]
    )
    func refreshInOnePieceGoesOn(onDisconnect: String, members: String) async throws {
        try await withGateway(stale(onDisconnect)) { gateway, upstream async throws in
            upstream.answer(with: .chat("old"))
            #expect(try await gateway.chat("hi").content == "old")
            try await Task.sleep(for: .milliseconds(1_500))
            let gate = Gate()
            // After a second the new answer is past its time to live as well, and is refreshed by the next request.
            upstream.answer { _, number in
                var answer = Answer.chat(number == 2 ? "new" : "newer")
                answer.gate = gate
                return answer
            }
            #expect(try await gateway.chat("hi").content == "old")
            try await upstream.arrival(of: 2)
            let sink = try await ByteSink.open(port: gateway.port)
            try await sink.send(Self.guest(members))
            try await Task.sleep(for: .milliseconds(200))
            sink.close()
            _ = try await sink.isClosed.first { $0 }
            for _ in 0..<2 { _ = try await gateway.get("/health/liveliness") }
            try await Task.sleep(for: .milliseconds(200))
            #expect(upstream.answering == 1 && upstream.calls == 2)
            gate.open()
            try await eventually("the new answer is served") { try await gateway.chat("hi").content == "new" }
        }
    }

    @Test("A refresh that outgrows the limit ends, also where a client joined and left it", arguments: [false, true])
    func refreshEnds(isJoined: Bool) async throws {
        try await withGateway(stale("finish")) { gateway, upstream async throws in
            upstream.answer(with: .chatStream(["old"]))
            _ = try await gateway.stream("hi")
            try await Task.sleep(for: .milliseconds(1_500))
            let gate = Gate()
            upstream.answer { _, _ in
                var answer = Self.endless
                answer.gate = gate
                return answer
            }
            #expect(try await gateway.stream("hi").streamedContent == "old")
            try await upstream.arrival(of: 2)
            if isJoined {
                let sink = try await ByteSink.open(port: gateway.port)
                try await sink.send(Self.guest)
                gate.open()
                _ = try await sink.start()
                sink.close()
            } else {
                gate.open()
            }
            try await modelIsLeft(upstream)
        }
    }
}
