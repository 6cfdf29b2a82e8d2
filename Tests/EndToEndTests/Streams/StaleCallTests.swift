import Foundation
import Testing

/// Responses and messages past their time to live are served by the same rules as chat: see `StaleTests`.
@Suite("Stale responses and messages", .timeLimit(.minutes(2)))
struct StaleCallTests {
    /// An API family, with its models.
    enum Family: CaseIterable, CustomTestStringConvertible {
        case responses, messages

        func configuration(_ window: String) -> String {
            let cache = "type: local\nttl: 1\n\(window): 60"
            return self == .responses ? Configurations.cached(cache) : Claude.configuration(cache)
        }

        /// Asks in one piece or for a stream.
        func ask(_ question: String, _ gateway: GatewayProcess, members: String = "") async throws -> Response {
            guard self == .responses else { return try await gateway.message(question, members) }
            let more = members.isEmpty ? "" : ",\(members)"
            return try await gateway.post("/v1/responses", #"{"model":"gpt-4","input":"\#(question)"\#(more)}"#)
        }

        /// What the model answers when it fails, with the status that the client gets.
        var failures: [(answer: Answer, status: Int)] {
            let now = [("retry-after", "0")]
            let common = [500, 503, 429].map { (answer: Answer.failure($0, headers: now), status: $0) }
            let hangUp = (answer: Answer(body: .hangUp), status: 502)
            guard self == .messages else { return common + [hangUp] }
            let overloaded = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
            return [(.json(overloaded, status: 529, headers: now), 529)] + common + [hangUp]
        }

        var testDescription: String { "\(self)" }
    }

    @Test("are served when the model fails, in both forms, and nothing else is", arguments: Family.allCases)
    func ifError(family: Family) async throws {
        try await withGateway(family.configuration("stale_if_error")) { gateway, upstream async throws in
            upstream.answer(Assistant.script)
            let old = try await family.ask("hi", gateway)
            #expect(old.text.contains("warm 1"), "\(old.text)")
            try await Task.sleep(for: .milliseconds(1_500))
            for (failure, status) in family.failures {
                upstream.answer(with: failure)
                let stale = try await family.ask("hi", gateway)
                #expect(stale.isHit && stale.body == old.body, "\(status): \(stale.cacheStatus) \(stale.text)")
                #expect(stale.cacheStatus.contains("ttl=-") && stale.cacheStatus.contains("detail=stale-if-error"))
                let stream = try await family.ask("hi", gateway, members: #""stream":true"#)
                #expect(stream.isHit && stream.text.contains("warm 1"), "\(status): \(stream.text)")
                #expect(stream.cacheStatus.contains("detail=stale-if-error"))
                let other = try await family.ask("never asked \(status)", gateway)
                #expect(other.status == status, "\(other.status) \(other.text)")
            }
            upstream.answer(with: .failure(400))
            #expect(try await family.ask("hi", gateway).status == 400, "the client's own error is the client's")
            upstream.answer(Assistant.script)
            let new = try await family.ask("hi", gateway)
            #expect(new.wasForwarded("stale") && new.text.contains("warm \(upstream.calls)"), "\(new.cacheStatus)")
        }
    }

    @Test("are served while they are refreshed, once for any number of requests", arguments: Family.allCases)
    func whileRevalidate(family: Family) async throws {
        try await withGateway(family.configuration("stale_while_revalidate")) { gateway, upstream async throws in
            upstream.answer(Assistant.script)
            let old = try await family.ask("hi", gateway)
            try await Task.sleep(for: .milliseconds(1_500))
            let gate = Gate()
            upstream.answer { request, number in
                var answer = Assistant.script(request, number)
                answer.gate = gate
                return answer
            }
            for _ in 0..<3 {
                let stale = try await family.ask("hi", gateway)
                #expect(stale.isHit && stale.body == old.body, "\(stale.cacheStatus)")
                #expect(stale.cacheStatus.contains("detail=stale-while-revalidate"))
                let stream = try await family.ask("hi", gateway, members: #""stream":true"#)
                #expect(stream.isHit && stream.text.contains("warm 1"), "\(stream.text)")
            }
            try await upstream.arrival(of: 2)
            #expect(upstream.calls == 2)
            gate.open()
            try await eventually("the new answer is served") {
                try await family.ask("hi", gateway).text.contains("warm 2")
            }
        }
    }
}
