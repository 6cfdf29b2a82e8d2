import Dialects
import JSON
import NIOCore
import Testing

@Suite("A response in one piece")
struct ResponseEventMakerTests {
    private let form = OpenAI.dialect.calls.first { $0.path == "/responses" }?.answer.stream

    private func events(_ body: String) throws -> [(type: String, data: JSONTree)] {
        let form = try #require(form)
        let stream = try #require(form.events(ByteBuffer(string: body), false, JSONDocument()))
        var parser = EventParser()
        parser.feed(stream)
        var events: [(String, JSONTree)] = []
        while let event = parser.next() {
            let data = try #require(event.data.flatMap { JSONTree(parsing: $0, with: JSONDocument()) })
            let type = String(decoding: data["type"]?.text ?? [], as: UTF8.self)
            #expect(String(buffer: event.raw).hasPrefix("event: \(type)\ndata: "), "the name and the type agree")
            events.append((type, data))
        }
        #expect(parser.pendingBytes == 0)
        return events
    }

    private let whole = #"""
        {"id":"resp_1","object":"response","created_at":1,"completed_at":2,"status":"completed","error":null,"output":[
        {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Because"}],"content":[{"type":"reasoning_text","text":"so"}]},
        {"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[
        {"type":"output_text","text":"Hello, how are you today, and what \"is\" it that you want of m\u00e9?","annotations":[{"type":"url_citation","url":"u"}],"logprobs":[{"token":"H"}]},
        {"type":"refusal","refusal":"No."}]},
        {"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\": 1}","status":"completed"},
        {"id":"ct_1","type":"custom_tool_call","call_id":"d","name":"g","input":"abc"},
        {"id":"zz_1","type":"invented","x":[1.50]}],"usage":{"total_tokens":3},"metadata":{"k":"v"}}
        """#

    @Test("becomes the events of the same answer, in OpenAI's order, numbered without a gap")
    func order() throws {
        let events = try events(whole)
        #expect(
            events.map(\.type).filter { !$0.hasSuffix(".delta") } == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.done",
                "response.reasoning_summary_part.done", "response.content_part.added", "response.reasoning_text.done",
                "response.content_part.done", "response.output_item.done", "response.output_item.added",
                "response.content_part.added", "response.output_text.annotation.added", "response.output_text.done",
                "response.content_part.done", "response.content_part.added", "response.refusal.done",
                "response.content_part.done", "response.output_item.done", "response.output_item.added",
                "response.function_call_arguments.done", "response.output_item.done", "response.output_item.added",
                "response.custom_tool_call_input.done", "response.output_item.done", "response.output_item.added",
                "response.output_item.done", "response.completed",
            ]
        )
        #expect(events.enumerated().allSatisfy { $0.element.data["sequence_number"] == .number($0.offset) })
    }

    @Test("is on one line of its event, however it was broken into lines")
    func lines() throws {
        let broken = "{\n  \"status\": \"completed\",\r\n  \"output\": [],\r \"n\": 1.0\n}\n"
        let last = try #require(try events(broken).last)
        #expect(last.type == "response.completed" && last.data["response"]?["n"] == .scalar(Array("1.0".utf8)))
    }

    @Test("begins without output and usage, and ends with the whole response byte for byte")
    func ends() throws {
        let events = try events(whole)
        let begun = try #require(events.first?.data["response"])
        #expect(begun["status"] == .text("in_progress") && begun["output"] == .array([]) && begun["usage"] == .null)
        #expect(begun["completed_at"] == nil && begun["metadata"] == .object([.init("k", .text("v"))]))
        let form = try #require(form)
        let line = whole.replacing("\n", with: " ")
        let stream = try #require(form.events(ByteBuffer(string: line), false, JSONDocument()))
        #expect(String(buffer: stream).hasSuffix("\"response\":\(line)}\n\n"))
    }

    @Test("has texts whose pieces make up the whole, with their escapes")
    func pieces() throws {
        let events = try events(whole)
        for (type, text) in [
            ("response.output_text", #"Hello, how are you today, and what \"is\" it that you want of m\u00e9?"#),
            ("response.reasoning_summary_text", "Because"), ("response.function_call_arguments", #"{\"a\": 1}"#),
            ("response.custom_tool_call_input", "abc"), ("response.refusal", "No."), ("response.reasoning_text", "so"),
        ] {
            let joined = events.filter { $0.type == type + ".delta" }.flatMap { $0.data["delta"]?.text ?? [] }
            #expect(String(decoding: joined, as: UTF8.self) == text)
        }
        let added = events.filter { $0.type == "response.output_item.added" }.compactMap { $0.data["item"] }
        #expect(added[1]["content"] == .array([]) && added[2]["arguments"] == .text(""))
        #expect(added[4]["x"] == .array([.scalar(Array("1.50".utf8))]), "what is unknown is added whole")
    }

    @Test("ends as its status says")
    func statuses() throws {
        let cut = #"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#
        #expect(try events(cut).map(\.type) == ["response.created", "response.in_progress", "response.incomplete"])
        #expect(try events(cut).first?.data["response"]?["incomplete_details"] == .null)
        #expect(try events(#"{"status":"failed","output":[]}"#).last?.type == "response.failed")
    }

    @Test("is not converted where it is none, or where the events would be far longer")
    func refused() throws {
        let form = try #require(form)
        for body in ["", "[]", "{}", "{"] {
            #expect(form.events(ByteBuffer(string: body), false, JSONDocument()) == nil, "\(body)")
        }
        let id = String(repeating: "i", count: 100_000)
        let text = String(repeating: "word ", count: 100_000)
        let long =
            #"{"status":"completed","output":[{"id":"\#(id)","type":"message","content":[{"type":"output_text","text":"\#(text)"}]}]}"#
        #expect(form.events(ByteBuffer(string: long), false, JSONDocument()) == nil)
    }
}
