import CallTypes
import Foundation
import NIOCore
import Testing

@testable import Upstream

extension NSDictionary {
    fileprivate func path(_ outer: String, _ inner: String) -> Any? { (self[outer] as? NSDictionary)?[inner] }
}

@Suite("A mock")
struct MockTests {
    private func group(_ mocks: MockResponse..., numRetries: Int = 0) throws -> ModelGroup {
        let descriptions = mocks.map { DeploymentDescription(modelName: "m", model: "openai/x", mockResponse: $0) }
        let (directory, problems) = ModelDirectory.make(
            descriptions,
            defaults: DeploymentDefaults(numRetries: numRetries),
            calls: Calls.table,
            environment: { _ in nil }
        )
        #expect(problems.isEmpty)
        return try #require(directory.group(named: "m"))
    }

    private func object(_ text: String) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    }

    @Test("answers a chat with its text, whatever is in it")
    func chat() async throws {
        let text = "a \"quoted\"\n\\ \u{1}text é 🙂"
        let answer = try await Loopback.start().send(to: try group(.text(text)))
        #expect(answer.head?.status == 200)
        #expect(answer.head?.fields.first("content-type") == "application/json")
        #expect(answer.head?.contentLength == answer.body.utf8.count)
        let json = try object(answer.body)
        #expect(json["object"] as? String == "chat.completion")
        #expect((json["id"] as? String)?.hasPrefix("chatcmpl-") == true)
        #expect(json["model"] as? String == "m")
        #expect(json.path("usage", "total_tokens") as? Int == 30)
        let choice = try #require((json["choices"] as? [NSDictionary])?.first)
        #expect(choice.path("message", "content") as? String == text)
        #expect(choice["finish_reason"] as? String == "stop")
    }

    @Test("answers a completion with its text")
    func completion() async throws {
        let answer = try await Loopback.start().send(callType: Calls.completions, to: try group(.text("hi")))
        let json = try object(answer.body)
        #expect(json["object"] as? String == "text_completion")
        #expect((json["choices"] as? [NSDictionary])?.first?["text"] as? String == "hi")
    }

    @Test("answers one embedding for each input")
    func embeddings() async throws {
        for mock in [MockResponse.embedding([0.5, -1]), .text("x")] {
            let answer = try await Loopback.start().send(callType: Calls.embeddings, to: try group(mock), inputCount: 3)
            let data = try #require(try object(answer.body)["data"] as? [NSDictionary])
            #expect(data.map { $0["index"] as? Int } == [0, 1, 2])
            if case .embedding(let numbers) = mock {
                #expect(data.allSatisfy { $0["embedding"] as? [Double] == numbers })
            } else {
                #expect(data.allSatisfy { ($0["embedding"] as? [Double])?.isEmpty == false })
            }
        }
    }

    @Test("streams its text as events")
    func stream() async throws {
        let answer = try await Loopback.start().send(to: try group(.text("one two three")), isStream: true)
        #expect(answer.head?.fields.first("content-type")?.hasPrefix("text/event-stream") == true)
        #expect(answer.head?.contentLength == nil)
        let events = answer.body.components(separatedBy: "\n\n").dropLast()
        #expect(events.allSatisfy { $0.hasPrefix("data: ") })
        #expect(events.last == "data: [DONE]")
        let choices = try events.dropLast().map {
            try #require((try object(String($0.dropFirst(6)))["choices"] as? [NSDictionary])?.first)
        }
        #expect(choices.first?.path("delta", "role") as? String == "assistant")
        #expect(choices.compactMap { $0.path("delta", "content") as? String }.joined() == "one two three")
        #expect(choices.last?["finish_reason"] as? String == "stop")
        #expect(Set(events.dropLast().map { $0.prefix(40) }).count == 1)
        #expect(answer.pieces == events.count)
    }

    @Test("reports usage in a last event of its own if that is asked for")
    func usage() throws {
        let request = UpstreamRequest(
            callType: Calls.completions,
            body: RequestBody(ByteBuffer(), modelLiteral: nil),
            isStream: true,
            includesUsage: true
        )
        let form = Calls.table[Calls.completions].mock
        let answer = try #require(MockResponse.text("hi").answer(to: request, form: form, model: "m"))
        let pieces = answer.pieces.map { String(buffer: $0) }
        let objects = try pieces.dropLast().map { try object(String($0.dropFirst(6))) }
        #expect(objects.dropLast().allSatisfy { $0["usage"] is NSNull })
        #expect(objects.last?.path("usage", "prompt_tokens") as? Int == 10)
        #expect((objects.last?["choices"] as? [NSDictionary])?.isEmpty == true)
    }

    @Test("answers a JSON object as it is")
    func json() async throws {
        let answer = try await Loopback.start().send(to: try group(.json(#"{"a": 1}"#)))
        #expect(answer.body == #"{"a": 1}"#)
    }

    @Test(
        "answers the errors that LiteLLM names",
        arguments: [
            ("litellm.RateLimitError", 429), ("litellm.InternalServerError", 500),
            ("litellm.ContextWindowExceededError", 400),
        ]
    )
    func errors(name: String, status: Int) async throws {
        let answer = try await Loopback.start().send(to: try group(.text(name)))
        #expect(answer.head?.status == status)
        #expect(try object(answer.body).path("error", "code") as? String == "\(status)")
    }

    @Test("answers nothing but what it was given as a whole where the call has no form for mocks")
    func noForm() throws {
        let request = UpstreamRequest(callType: Calls.chat, body: RequestBody(ByteBuffer(), modelLiteral: nil))
        #expect(MockResponse.text("hi").answer(to: request, form: nil, model: "m") == nil)
        #expect(MockResponse.json("{}").answer(to: request, form: nil, model: "m") != nil)
    }

    @Test("that fails makes way for another deployment")
    func retries() async throws {
        let client = try await Loopback.start()
        let group = try group(.text("litellm.RateLimitError"), .text("fine"), numRetries: 1)
        for _ in 0..<4 { #expect(try await client.send(to: group).head?.status == 200) }
    }

    @Test("is not needed to say why a deployment cannot be called")
    func unusable() async throws {
        let (directory, _) = ModelDirectory.make(
            [DeploymentDescription(modelName: "m", model: "gpt-4o")],
            calls: Calls.table,
            environment: { _ in nil }
        )
        let answer = try await Loopback.start().send(to: try #require(directory.group(named: "m")))
        #expect(answer.error?.kind == .notConfigured)
        #expect(answer.error?.description.contains("OPENAI_API_KEY") == true)
    }
}
