import Foundation
import NIOCore
import Testing

/// Requests that are large, and valid or nearly valid.
extension OneAtATime {
    @Suite("Large requests", .timeLimit(.minutes(3)))
    struct LargeRequestTests {
        private func embeddings(_ inputs: String) -> String {
            #"{"model":"text-embedding-ada-002","input":\#(inputs)}"#
        }

        private func list(_ count: Int, of element: String) -> String {
            "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
        }

        @Test("An embedding request with more than 2,048 inputs is refused", arguments: [true, false])
        func inputs(isCached: Bool) async throws {
            try await withGateway(isCached ? Configurations.local : Configurations.uncached) {
                gateway,
                upstream async throws in
                let most = try await gateway.post("/v1/embeddings", embeddings(list(2_048, of: #""a""#)))
                #expect(most.status == 200 && most.json["data"].array.count == 2_048)
                let more = try await gateway.post("/v1/embeddings", embeddings(list(2_049, of: #""a""#)))
                #expect(more.status == 400 && more.json["error"]["code"].string == "too_many_inputs")
                #expect(more.json["error"]["message"].string?.contains("2048") == true)
                #expect(more.json["error"]["param"].string == "input")
                #expect(upstream.calls == 1)
            }
        }

        @Test("Both limits are as configured")
        func configured() async throws {
            let configuration =
                Configurations.local + "general_settings:\n  max_embedding_inputs: 3\n  max_json_values: 1000\n"
            try await withGateway(configuration) { gateway, upstream async throws in
                #expect(try await gateway.embed(["a", "b", "c"]).status == 200)
                #expect(try await gateway.embed(["a", "b", "c", "d"]).status == 400)
                #expect(try await gateway.chat("hi", #""stop":\#(list(900, of: "1"))"#).status == 200)
                let many = try await gateway.chat("hi", #""stop":\#(list(1_000, of: "1"))"#)
                #expect(many.status == 413 && many.json["error"]["code"].string == "too_many_json_values")
            }
        }

        @Test("A million inputs, and 30 MB of numbers, are refused without much memory")
        func millions() async throws {
            try await withGateway(arguments: ["--memory-limit", "128MB"]) { gateway, upstream async throws in
                let bodies = [
                    (embeddings(list(1_000_000, of: #""a""#)), "/v1/embeddings"),
                    (embeddings(list(15_000_000, of: "1")), "/v1/embeddings"),
                    (
                        #"{"model":"gpt-3.5-turbo","messages":\#(list(15_000_000, of: "1"))}"#, "/v1/chat/completions"
                    ),
                ]
                for (body, path) in bodies {
                    let grown = try await gateway.growth {
                        let response = try await gateway.post(path, body)
                        #expect([400, 413].contains(response.status), "\(response.text)")
                    }
                    // The body is at most 30 MB of it.
                    #expect(grown < 30 + 64, "\(grown) MB for \(body.utf8.count) bytes to \(path)")
                }
                #expect(upstream.calls == 0)
                try await eventually("nothing is held") { try await gateway.heldBytes() == 0 }
            }
        }

        @Test("While a large body is read the other clients of its event loop are answered")
        func othersGoOn() async throws {
            try await withGateway(arguments: ["--loops", "1"]) { gateway, upstream async throws in
                // All of it must be read before its end is found to be wrong.
                let body =
                    #"{"model":"gpt-3.5-turbo","messages":["# + String(repeating: "\"x\",", count: 450_000)
                    + String(repeating: " ", count: 26_000_000) + "]?"
                let request = GatewayProcess.request("POST", "/v1/chat/completions", body)
                for _ in 0..<5 {
                    let large = try await ByteSink.open(port: gateway.port)
                    let small = try await ByteSink.open(port: gateway.port)
                    try await large.send(String(request.dropLast()))
                    try await eventually("all but the last byte has arrived") {
                        try await gateway.get("/health/liveliness").status == 200
                    }
                    large.sendNow("?")
                    small.sendNow("GET /health/liveliness HTTP/1.1\r\nHost: gateway\r\n\r\n")
                    #expect(try await large.start().hasPrefix("HTTP/1.1 400 "))
                    #expect(small.received.value.start.hasPrefix("HTTP/1.1 200 "))
                }
            }
        }

        @Test("Large requests and answers arrive whole, are cached, and are distinguished")
        func whole() async throws {
            try await withGateway(Configurations.cached("type: local\nmax_item_size: 32MB\nmax_entry_size: 32MB")) {
                gateway,
                upstream async throws in
                let long = String(repeating: "0123456789", count: 1_000_000)
                let first = try await gateway.chat(long + "a")
                #expect(first.content == "answer 1")
                #expect(upstream.requests[0].json["messages"][0]["content"].string == long + "a")
                #expect(upstream.requests[0].json["model"].string == "gpt-3.5-turbo-0125")
                #expect(try await gateway.chat(long + "b").content == "answer 2")
                #expect(try await gateway.chat(long + "a").isHit)
                #expect(upstream.calls == 2)
            }
        }

        @Test("Two thousand embeddings of usual length are parsed, stored and merged again")
        func manyEmbeddings() async throws {
            try await withGateway(Configurations.cached("type: local\nmax_size: 256MB")) {
                gateway,
                upstream async throws in
                upstream.answer { request, _ in
                    let numbers = (0..<256).map { "0.0\($0)12345" }.joined(separator: ",")
                    let data = request.json["input"].array.enumerated().map { index, input in
                        #"{"object":"embedding","index":\#(index),"embedding":[\#(input.string ?? "0"),\#(numbers)]}"#
                    }
                    let count = data.count
                    return .json(
                        #"{"object":"list","data":["# + data.joined(separator: ",")
                            + #"],"model":"m","usage":{"prompt_tokens":\#(count),"total_tokens":\#(count)}}"#
                    )
                }
                func embed(_ numbers: Range<Int>) async throws -> Response {
                    try await gateway.embed(numbers.map { "\($0)" })
                }
                func firsts(_ response: Response) -> [Int?] {
                    response.json["data"].array.map { $0["embedding"][0].int }
                }
                let all = try await embed(0..<1_500)
                #expect(all.status == 200 && firsts(all) == (0..<1_500).map { $0 })
                #expect(all.cacheStatus.contains("stored"))
                let again = try await embed(0..<1_500)
                #expect(again.isHit && firsts(again) == (0..<1_500).map { $0 })
                let more = try await embed(500..<2_500)
                #expect(more.cacheStatus.contains("partial-hit") && firsts(more) == (500..<2_500).map { $0 })
                #expect(upstream.requests.last?.json["input"].array.count == 1_000)
                #expect(upstream.calls == 2)
            }
        }
    }
}
