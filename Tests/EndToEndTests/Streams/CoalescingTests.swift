import Foundation
import Testing

/// Identical requests share one call to the model.
@Suite("Identical requests", .timeLimit(.minutes(3)))
struct CoalescingTests {
    @Test("A late follower gets what was received at once, then the rest, also when the first client leaves")
    func leaderLeaves() async throws {
        try await withGateway { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
            let request = GatewayProcess.request("POST", "/v1/chat/completions", body)
            let leader = try await gateway.connect()
            try await leader.send(request)
            stream.sendChunk("one ")
            _ = try await leader.readHead()
            var first = EventReader(leader)
            #expect(try await first.next()?.contains("one ") == true)
            let follower = try await gateway.connect()
            try await follower.send(request)
            let head = try await follower.readHead()
            #expect(head.cacheStatus == "gateway; fwd=miss; collapsed")
            var second = EventReader(follower)
            #expect(try await second.next()?.contains("one ") == true)
            async let whole = gateway.chat("hi")
            try await leader.close()
            stream.sendChunk("two")
            #expect(try await second.next()?.contains("two") == true)
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            stream.finish()
            #expect(try await second.next()?.contains("stop") == true)
            #expect(try await second.next() == "[DONE]")
            #expect(try await whole.content == "one two")
            #expect(try await gateway.stream("hi").isHit)
            #expect(upstream.calls == 1)
        }
    }

    @Test("A client that did not request the usage does not get it from the stream of a client that did")
    func usage() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            var answer = Answer.chatStream(["one"], usage: true)
            answer.gate = gate
            upstream.answer(with: answer)
            async let leader = gateway.stream("hi", usage: true)
            try await upstream.arrival(of: 1)
            async let follower = gateway.stream("hi")
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            #expect(try await leader.text.contains("total_tokens"))
            let told = try await follower
            #expect(!told.text.contains("total_tokens") && told.events.last == "[DONE]")
            #expect(upstream.calls == 1)
        }
    }

    @Test(
        "An error of the model reaches all of them with its status, and is not tried again by each",
        arguments: [429, 500, 400]
    )
    func errors(status: Int) async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { _, _ in
                var answer = Answer.failure(status, headers: [("retry-after", "0")])
                answer.gate = gate
                return answer
            }
            let timer = Task {
                try await upstream.arrival(of: 1)
                try await Task.sleep(for: .milliseconds(500))
                gate.open()
            }
            let answers = try await Crowd.ask([gateway], 100)
            try await timer.value
            #expect(answers.allSatisfy { $0.status == status })
            #expect(answers.allSatisfy { $0.json["error"]["code"].string == "upstream_\(status)" })
            let calls = upstream.calls
            // This is the number of calls for one request with its configured retries.
            #expect(calls <= 4, "\(calls) calls")
        }
    }

    @Test("no-cache neither leads nor follows, and no-store leaves nothing behind")
    func controls() async throws {
        try await withGateway { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer(Answer.eitherForm(behind: gate))
            async let first = gateway.chat("hi")
            try await upstream.arrival(of: 1)
            async let fresh = gateway.chat("hi", #""cache":{"no-cache":true}"#)
            try await upstream.arrival(of: 2)
            async let follower = gateway.chat("hi", #""cache":{"no-store":true}"#)
            async let alone = gateway.chat("other", #""cache":{"no-store":true}"#)
            try await upstream.arrival(of: 3)
            async let another = gateway.chat("other", #""cache":{"no-store":true}"#)
            try await upstream.arrival(of: 4)
            gate.open()
            #expect(try await first.cacheStatus == "gateway; fwd=miss; stored")
            #expect(try await fresh.cacheStatus == "gateway; fwd=request; stored")
            #expect(try await follower.status == 200)
            #expect(try await alone.cacheStatus == "gateway; fwd=miss")
            #expect(try await another.cacheStatus == "gateway; fwd=miss")
            #expect(upstream.calls == 4)
        }
    }

    /// Until a model has answered a few times, its answers are assumed to be two kilobytes long.
    @Test(
        "When the last client leaves, the call is given up, or goes on to fill the cache, as on_disconnect says",
        arguments: [("finish", 10, true), ("cancel", 1_200, false), ("auto", 1_200, true), ("auto", 10, false)]
    )
    func disconnect(setting: String, length: Int, isFilled: Bool) async throws {
        try await withGateway(Configurations.cached("type: local\non_disconnect: \(setting)")) {
            gateway,
            upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.connect()
            let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}],"stream":true}"#
            try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
            stream.sendChunk(String(repeating: "x", count: length))
            _ = try await connection.readHead()
            var events = EventReader(connection)
            _ = try await events.next()
            try await connection.close()
            try await Task.sleep(for: .milliseconds(500))
            stream.send(Answer.chunk("{}", finish: #""stop""#))
            stream.send("[DONE]")
            stream.finish()
            upstream.answer(Answer.eitherForm)
            if isFilled {
                try await eventually("the answer is cached") {
                    try await gateway.stream("hi", #""cache":{"no-store":true}"#).isHit
                }
                #expect(upstream.calls == 1)
            } else {
                try await Task.sleep(for: .milliseconds(500))
                #expect(try await gateway.stream("hi").wasForwarded("miss"))
            }
        }
    }
}
