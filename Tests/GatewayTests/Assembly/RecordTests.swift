import Dialects
import NIOPosix
import ResponseCache
import Testing
import Upstream

@testable import Gateway

@Suite("The record of a request that was answered", .timeLimit(.minutes(2)))
struct RecordTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    /// Serves `ask`, and returns the records of what was asked.
    private func records(
        _ script: @escaping @Sendable (ModelServer.Request) -> ModelServer.Answer,
        _ ask: (Serving, ModelServer) async throws -> Void
    ) async throws -> [Transaction] {
        let model = try await ModelServer(name: "one", on: group, script: script)
        let serving = try Serving([model])
        try await ask(serving, model)
        let records = serving.records
        let deployment = serving.gateway.current.models.groups.first?.deployments.first?.id
        try await serving.stop()
        for record in records {
            #expect(record.model == "m" && record.status == 200 && record.end?.how == .answered)
            #expect(record.receivedBytes > 0 && record.sentBytes > 0 && record.responded != nil)
            #expect(record.deployment == (isHit(record) ? nil : deployment), "\(record)")
        }
        return records
    }

    private func isHit(_ record: Transaction) -> Bool {
        if case .hit = record.cacheStatus?.outcome { return true }
        return false
    }

    private let chat: @Sendable (ModelServer.Request) -> ModelServer.Answer = { _ in
        let choice = #"{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}"#
        return ModelServer.Answer(
            pieces: [#"{"id":"c","object":"chat.completion","created":1,"model":"x","choices":[\#(choice)]}"#]
        )
    }

    @Test("has the call, the model, the deployment of a miss, and what the cache did")
    func missAndHit() async throws {
        let records = try await records(chat) { serving, _ in
            for _ in 0..<2 { _ = try await serving.ask("hi") }
        }
        #expect(records.map(\.route) == [.inference(Served.chat.type), .inference(Served.chat.type)])
        #expect(records.map(isHit) == [false, true])
    }

    @Test("has the deployment that answered the one who led, where the request followed")
    func follower() async throws {
        let records = try await records(chat) { serving, model in
            model.hold()
            async let one = serving.ask("hi")
            async let other = serving.ask("hi")
            try await until("both in one flight") { serving.gateway.current.flights.readers == 2 }
            model.release()
            _ = try await (one, other)
        }
        #expect(records.count == 2)
    }

    @Test("has the deployment of a request that has no part in the cache, and of a batch")
    func others() async throws {
        let records = try await records({ request in
            guard request.path.hasSuffix("/embeddings") else { return self.chat(request) }
            let data = #"{"object":"embedding","index":0,"embedding":[1]}"#
            return ModelServer.Answer(pieces: [#"{"object":"list","data":[\#(data)],"model":"x"}"#])
        }) { serving, _ in
            _ = try await serving.post("/v1/embeddings", #"{"model":"m","input":"a"}"#)
            let body =
                #"{"model":"m","messages":[{"role":"user","content":"hi"}],"cache":{"no-cache":true,"no-store":true}}"#
            _ = try await serving.post("/v1/chat/completions", body)
        }
        #expect(records.map(\.route) == [.inference(Served.embeddings.type), .inference(Served.chat.type)])
    }
}
