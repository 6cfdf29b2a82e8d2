import Testing

/// Streams whose content type is not that of a stream.
@Suite("Streams with another content type", .timeLimit(.minutes(2)))
struct StreamTypeTests {
    private static let request = GatewayProcess.request(
        "POST",
        "/v1/chat/completions",
        #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
    )

    private static let types = ["", "text/plain; charset=utf-8", "application/x-ndjson", "application/octet-stream"]

    private func answer(_ type: String, _ stream: ControlledStream) -> Answer {
        Answer(headers: type.isEmpty ? [] : [("content-type", type)], body: .stream(stream))
    }

    /// Requests a stream, of which `first` is sent at once and the rest when that has been received.
    private func relayed(
        _ gateway: GatewayProcess,
        _ stream: ControlledStream,
        first: [String],
        _ rest: @escaping @Sendable () -> Void
    ) async throws -> Response {
        let client = try await gateway.connect()
        try await client.send(Self.request)
        for text in first {
            stream.sendText(text)
            try await Task.sleep(for: .milliseconds(50))
        }
        // An answer that is held until its end is late, but it is received.
        let late = Observed(false)
        let end = Task {
            try await Task.sleep(for: .seconds(10))
            late.update { $0 = true }
            rest()
        }
        var response = try await client.readHead()
        while response.body.count < first.joined().utf8.count, let piece = try await client.readPiece() {
            response.body += piece
        }
        #expect(!late.value, "it was held until its end")
        end.cancel()
        if !late.value { rest() }
        while let piece = try await client.readPiece() { response.body += piece }
        return response
    }

    @Test(
        "A stream of events is relayed as it is received, recorded and labelled as a stream, whatever its type",
        arguments: types
    )
    func events(type: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: answer(type, stream))
            let first = "data: \(Answer.chunk(#"{"content":"one"}"#))\n\n"
            let live = try await relayed(gateway, stream, first: [first]) {
                stream.sendChunk(" two")
                stream.send(Answer.chunk("{}", finish: #""stop""#))
                stream.send("[DONE]")
                stream.finish()
            }
            #expect(live.status == 200 && live["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(live.streamedContent == "one two" && live.events.last == "[DONE]")
            let hit = try await gateway.stream("hi")
            #expect(hit.isHit && hit.body == live.body && hit["content-type"] == live["content-type"])
            #expect(try await gateway.chat("hi").content == "one two")
            #expect(upstream.calls == 1)
        }
    }

    @Test("Its first bytes may come one by one, behind a byte order mark or line ends, or be a comment")
    func firstBytes() async throws {
        for first in [["d", "a", "t", "a"], ["\u{FEFF}", "\r\n\n", "eve", "nt: x\n"], [": hello\n\n"]] {
            try await withGateway { gateway, upstream async throws in
                let stream = ControlledStream()
                upstream.answer(with: answer("text/plain", stream))
                let live = try await relayed(gateway, stream, first: first + [first[0] == "d" ? ":{}\n\n" : ":\n\n"]) {
                    stream.sendChunk("some")
                    stream.send(Answer.chunk("{}", finish: #""stop""#))
                    stream.send("[DONE]")
                    stream.finish()
                }
                #expect(live["content-type"]?.hasPrefix("text/event-stream") == true)
                #expect(live.events.last == "[DONE]")
            }
        }
    }

    @Test("What is no stream of events is relayed as it comes too, unchanged, and not stored", arguments: types)
    func other(type: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: answer(type, stream))
            let lines = (1...3).map { #"{"message":{"content":"\#($0)"},"done":\#($0 == 3)}"# + "\n" }
            let live = try await relayed(gateway, stream, first: [lines[0]]) {
                for line in lines.dropFirst() { stream.sendText(line) }
                stream.finish()
            }
            #expect(live.text == lines.joined() && live["content-type"] == (type.isEmpty ? nil : type))
            upstream.answer(with: .chatStream(["x"]))
            #expect(try await gateway.stream("hi").wasForwarded("miss"))
        }
    }

    @Test("A request in one piece that follows what is no stream of events gets an answer of its own")
    func follower() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer { request, _ in
                request.json["stream"].bool == true ? answer("application/x-ndjson", stream) : .chat("alone")
            }
            let leader = try await gateway.connect()
            try await leader.send(Self.request)
            try await upstream.arrival(of: 1)
            let whole = try await gateway.asking("hi")
            stream.sendText("{}\n")
            #expect(try await whole.readResponse().content == "alone")
            stream.finish()
        }
    }

    @Test(
        "An answer in one piece is brought into the form of a stream, whatever its type",
        arguments: [
            "", "application/json", "text/plain",
        ]
    )
    func onePiece(type: String) async throws {
        try await withGateway { gateway, upstream async throws in
            var answer = Answer.chat("one two three")
            answer.headers = type.isEmpty ? [] : [("content-type", type)]
            upstream.answer(with: answer)
            let live = try await gateway.stream("hi")
            #expect(live["content-type"] == "text/event-stream" && live.streamedContent == "one two three")
            #expect(try await gateway.chat("hi").content == "one two three")
            #expect(upstream.calls == 1)
        }
    }
}
