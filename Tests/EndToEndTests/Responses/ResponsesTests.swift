import Foundation
import Testing

/// What the gateway does with POST /v1/responses, seen from outside.
@Suite("A request for a response", .timeLimit(.minutes(2)))
struct ResponsesTests {
    private func ask(
        _ gateway: GatewayProcess,
        _ question: String,
        _ members: String = "",
        path: String = "/v1/responses",
        headers: [String: String] = [:]
    ) async throws -> Response {
        try await gateway.post(path, #"{"model":"gpt-4","input":"\#(question)"\#(members)}"#, headers: headers)
    }

    private func withResponses(
        _ configuration: String = Configurations.local,
        _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
    ) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Answer.responses)
            try await body(gateway, upstream)
        }
    }

    @Test("is answered from one entry in both forms, whichever came first", arguments: [false, true])
    func forms(streamFirst: Bool) async throws {
        try await withResponses { gateway, upstream async throws in
            let stream = #","stream":true"#
            let first = try await ask(gateway, "hello", streamFirst ? stream : "")
            #expect(first.cacheStatus == (streamFirst ? "gateway; fwd=miss" : "gateway; fwd=miss; stored"))
            let whole = try await ask(gateway, "hello")
            #expect(whole.isHit && whole["content-type"]?.hasPrefix("application/json") == true)
            #expect(whole.text == Answer.responseObject(1), "it is the model's answer byte for byte")
            let events = try await ask(gateway, "hello", stream)
            #expect(events.isHit && events["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(
                events.text.hasPrefix(
                    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,"
                )
            )
            #expect(events.text.hasSuffix("\"response\":\(Answer.responseObject(1))}\n\n"))
            #expect(!events.text.contains("obfuscation") && !events.text.contains("[DONE]"))
            #expect(upstream.calls == 1 && upstream.requests.first?.uri == "/v1/responses")
            #expect(upstream.requests.first?.json["model"].string == "gpt-4-0613")
        }
    }

    @Test("gets the padding of a live stream as the model sent it")
    func padding() async throws {
        try await withResponses { gateway, _ async throws in
            let live = try await ask(gateway, "hello", #","stream":true"#)
            #expect(live.text == Answer.responseEvents(1).joined())
        }
    }

    @Test(
        "that has state is sent to the model each time, and says so",
        arguments: [
            (#","conversation":"conv_1""#, "stateful"), (#","previous_response_id":"resp_1""#, "stateful"),
            (#","background":true"#, "background"), (#","tools":[{"type":"web_search"}]"#, "tool"),
            (#","prompt":{"id":"p"}"#, "unversioned-prompt"),
        ]
    )
    func stateful(members: String, detail: String) async throws {
        try await withResponses { gateway, upstream async throws in
            for _ in 0..<2 {
                let answer = try await ask(gateway, "hello", members)
                #expect(answer.cacheStatus == "gateway; fwd=bypass; detail=\(detail)")
            }
            let refused = try await ask(gateway, "hello", members, headers: ["Cache-Control": "only-if-cached"])
            #expect(refused.status == 504 && upstream.calls == 2)
        }
    }

    @Test("may be cached although it continues another response or searches the web, if the configuration says so")
    func allowed() async throws {
        let configuration = Configurations.cached("type: local\ncache_stateful: true\ncache_tools: [web_search]")
        try await withResponses(configuration) { gateway, upstream async throws in
            for members in [#","previous_response_id":"resp_1""#, #","tools":[{"type":"web_search"}]"#] {
                #expect(try await ask(gateway, "hello", members).wasForwarded("miss"))
                #expect(try await ask(gateway, "hello", members).isHit)
            }
            #expect(upstream.calls == 2)
        }
    }

    @Test("never shows one caller's metadata to another")
    func metadata() async throws {
        try await withResponses { gateway, upstream async throws in
            upstream.answer { request, number in
                .json(
                    Answer.responseObject(
                        number,
                        members: #","metadata":{"who":"\#(request.json["metadata"]["who"].string ?? "")"}"#
                    )
                )
            }
            for who in ["ann", "bob", "ann"] {
                let answer = try await ask(gateway, "hello", #","metadata":{"who":"\#(who)"}"#)
                #expect(answer.json["metadata"]["who"].string == who)
            }
            #expect(upstream.calls == 2)
        }
    }

    @Test(
        "whose answer failed, was blocked or is cut short is not stored, and is passed on",
        arguments: [
            Answer.json(Answer.responseObject(1, status: "failed", members: #","error":{"code":"server_error"}"#)),
            Answer.json(Answer.responseObject(1, status: "queued")),
            Answer.json(Answer.responseObject(1, output: "[]")),
            Answer.stream([
                Answer.responseEvents(1)[0],
                "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"no\",\"param\":null}\n\n",
            ]),
            Answer.stream(Array(Answer.responseEvents(1).dropLast())),
        ]
    )
    func unfit(answer: Answer) async throws {
        try await withResponses { gateway, upstream async throws in
            upstream.answer(with: answer)
            let isStream = answer.headers.contains { $0.1.hasPrefix("text/event-stream") }
            for calls in 1...2 {
                let got = try await ask(gateway, "hello", isStream ? #","stream":true"# : "")
                #expect(got.wasForwarded("miss") && !got.cacheStatus.contains("stored"), "\(got.cacheStatus)")
                #expect(got.status == 200 && upstream.calls == calls)
            }
        }
    }

    @Test("that wants one piece gets an error where the stream of a shared call fails")
    func failedStream() async throws {
        try await withResponses { gateway, upstream async throws in
            upstream.answer(
                with: .stream([
                    Answer.responseEvents(1)[0],
                    "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\",\"param\":null}\n\n",
                ])
            )
            let answer = try await ask(gateway, "hello")
            #expect(answer.status == 429 && answer.json["error"]["message"].string == "slow down", "\(answer.text)")
        }
    }

    @Test("may be counted without being answered, and the count is cached")
    func count() async throws {
        try await withResponses { gateway, upstream async throws in
            upstream.answer(with: .json(#"{"object":"response.input_tokens","input_tokens":11}"#))
            for isHit in [false, true] {
                let answer = try await ask(gateway, "hello", path: "/v1/responses/input_tokens")
                #expect(answer.json["input_tokens"].int == 11 && answer.isHit == isHit)
            }
            #expect(upstream.requests.map(\.uri) == ["/v1/responses/input_tokens"])
        }
    }

    @Test("is kept for at most 29 days, because its id is of no use afterwards")
    func life() async throws {
        try await withResponses(Configurations.cached("type: local\nttl: 31536000")) { gateway, _ async throws in
            _ = try await ask(gateway, "hello")
            let hit = try await ask(gateway, "hello")
            let ttl = hit.cacheStatus.split(separator: "ttl=").last.flatMap { Int($0) }
            #expect(ttl.map { $0 > 28 * 86_400 && $0 <= 29 * 86_400 } == true, "\(hit.cacheStatus)")
        }
    }
}

extension OneAtATime {
    @Suite("A thousand identical requests for a response", .timeLimit(.minutes(5)))
    struct ThousandResponsesTests {
        @Test("are one call to the model, though half of them are streams")
        func thousand() async throws {
            try await withGateway { gateway, upstream async throws in
                let answers = try await Crowd.thousand(at: upstream, answering: Answer.responses) { isStream in
                    let stream = isStream ? #","stream":true"# : ""
                    return try await gateway.post("/v1/responses", #"{"model":"gpt-4","input":"all"\#(stream)}"#)
                }
                #expect(upstream.calls == 1 && answers.count == 1_000)
                #expect(answers.allSatisfy { $0.status == 200 && $0.text.contains(Answer.responseObject(1)) })
            }
        }
    }
}
