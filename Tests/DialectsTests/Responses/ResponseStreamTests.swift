import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing

@Suite("A streamed response")
struct ResponseStreamTests {
    private static let form = OpenAI.dialect.calls.first { $0.path == "/responses" }?.answer.stream

    private static func response(_ status: String = "completed", _ members: String = "") -> String {
        #"{"id":"resp_1","object":"response","status":"\#(status)","error":null,"output":[{"id":"msg_1","type":"message"}]\#(members)}"#
    }

    private static let created =
        #"event: response.created\#ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1"}}\#n\#n"#
    private static func last(_ type: String, _ response: String) -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":9,\"response\":\(response)}\n\n"
    }

    private func read(_ text: String) throws -> (StreamReader, kinds: [StreamEventKind], StreamRecording) {
        let reader = StreamReader(try #require(Self.form), usageIsAsked: false)
        var parser = EventParser()
        var kinds: [StreamEventKind] = []
        var recording = StreamRecording()
        parser.feed(ByteBuffer(string: text))
        while let event = parser.next() ?? parser.remainder() {
            kinds.append(reader.read(event))
            recording.add(kinds.last ?? .chunk, reader.recorded(event), gap: 0)
        }
        return (reader, kinds, recording)
    }

    @Test("is whole with the event that holds the whole response, which is the answer in one piece byte for byte")
    func whole() throws {
        let response = #"{ "id":"resp_1","status":"completed","output":[ {"type":"message"} ], "n": 1.0 }"#
        let (reader, kinds, recording) = try read(
            Self.created + ": ping\n\n" + Self.last("response.completed", response)
        )
        #expect(kinds == [.chunk, .comment, .done] && reader.isWhole && !reader.isUnfit && !reader.isAmbiguous)
        let form = try #require(Self.form)
        let answer = form.answer(recording, JSONDocument())
        #expect(answer.map { String(buffer: $0) } == response)
    }

    @Test("is whole with or without [DONE] behind it, and not with [DONE] alone")
    func marks() throws {
        let whole = Self.created + Self.last("response.completed", Self.response())
        let (ended, kinds, recording) = try read(whole + "data: [DONE]\n\n")
        #expect(ended.isWhole && kinds == [.chunk, .done, .comment])
        let form = try #require(Self.form)
        #expect(form.answer(recording, JSONDocument()) == ByteBuffer(string: Self.response()))
        #expect(try !read(Self.created + "data: [DONE]\n\n").0.isWhole)
        #expect(try !read(Self.created).0.isWhole)
    }

    @Test(
        "is whole and not stored where the response was cut off, blocked, failed or is empty, or its beginning is missing",
        arguments: [
            created + last("response.failed", response("failed", #","error":{"code":"server_error","message":"x"}"#)),
            created
                + last(
                    "response.incomplete",
                    response("incomplete", #","incomplete_details":{"reason":"content_filter"}"#)
                ),
            created + last("response.incomplete", response("incomplete")),
            created + last("response.completed", #"{"status":"completed","output":[]}"#),
            last("response.completed", response()),
        ]
    )
    func unfit(text: String) throws {
        let (reader, _, _) = try read(text)
        #expect(reader.isWhole && reader.isUnfit)
    }

    @Test("is stored where it reached the limit of tokens that the request set")
    func cutOff() throws {
        let details = #","incomplete_details":{"reason":"max_output_tokens"}"#
        let (reader, _, _) = try read(
            Self.created + Self.last("response.incomplete", Self.response("incomplete", details))
        )
        #expect(reader.isWhole && !reader.isUnfit)
    }

    @Test(
        "fails with an error event, an error in an event, or what is no JSON",
        arguments: [
            "event: error\ndata: {\"type\":\"error\",\"code\":\"x\",\"message\":\"y\",\"param\":null}\n\n",
            "data: {\"type\":\"error\",\"message\":\"y\"}\n\n",
            "data: {\"type\":\"response.x\",\"error\":{\"message\":\"y\"}}\n\n",
            "data: {\"type\":\n\n", "data: []\n\n", "data: {}\n\n",
        ]
    )
    func failed(event: String) throws {
        let (reader, kinds, _) = try read(Self.created + event + Self.last("response.completed", Self.response()))
        #expect(!reader.isWhole && kinds[1] == .error)
    }

    @Test(
        "is recorded without the padding that hides the lengths of its texts",
        arguments: [
            (
                #"{"type":"response.output_text.delta","delta":"a","obfuscation":"xYz"}"#,
                #"{"type":"response.output_text.delta","delta":"a"}"#
            ),
            (#"{"obfuscation":"xYz", "type":"response.output_text.delta"}"#, #"{"type":"response.output_text.delta"}"#),
            (#"{"type":"x", "obfuscation": "b" ,"delta":"a"}"#, #"{"type":"x" ,"delta":"a"}"#),
            (#"{"type":"x","delta":"\"obfuscation\":\"no\""}"#, #"{"type":"x","delta":"\"obfuscation\":\"no\""}"#),
            (#"{"type":"x","item":{"obfuscation":"kept"}}"#, #"{"type":"x","item":{"obfuscation":"kept"}}"#),
        ]
    )
    func padding(data: String, recorded: String) throws {
        for prefix in ["event: x\ndata: ", "data:"] {
            let (_, _, recording) = try read(prefix + data + "\r\n\r\n")
            #expect(String(buffer: recording.bytes) == prefix + recorded + "\r\n\r\n")
        }
    }

    @Test("that repeats a member is not stored")
    func ambiguous() throws {
        let twice = Self.last("response.completed", #"{"status":"completed","output":[1],"output":[2]}"#)
        #expect(try read(Self.created + twice).0.isAmbiguous)
    }
}
