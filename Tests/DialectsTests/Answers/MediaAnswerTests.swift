import CallTypes
import Dialects
import JSON
import NIOCore
import Testing

@testable import ResponseCache

@Suite("Answers with images and audio") struct MediaAnswerTests {
    private static let table = DialectTable([OpenAI.dialect])

    private func call(_ path: String) throws -> ServedCall {
        try #require(Self.table.calls.first { $0.path == path })
    }

    private func refusal(_ body: String, of path: String) throws -> NotStored? {
        try call(path).answer.check.refusal(ByteBuffer(string: body), JSONDocument())
    }

    @Test(
        "of any type are stored, unless they are JSON that is cut off or reports an error",
        arguments: ["/audio/speech", "/audio/transcriptions", "/audio/translations"]
    )
    func anyType(path: String) throws {
        for body in [
            "ID3\u{4}", "1\n00:00:00,000 --> 00:00:01,000\nHello", #"{"text":"a"}"#, #" {"error":null}"#, "[0.5]",
        ] {
            #expect(try refusal(body, of: path) == nil, "\(body)")
        }
        #expect(try refusal(#"{"error":{"message":"no"}}"#, of: path) == .failed)
        #expect(try refusal(#" {"text":"a"#, of: path) == .unusable)
        #expect(try call(path).answer.isOfAnyType)
    }

    @Test(
        "with images need one, and those with links are kept no longer than the links work",
        arguments: ["/images/generations", "/images/edits", "/images/variations"]
    )
    func images(path: String) throws {
        #expect(try refusal(#"{"data":[{"b64_json":"aGk="}]}"#, of: path) == nil)
        for body in [#"{"data":[]}"#, "{}", #"{"data":[{"error":"x"}]}"#, #"{"error":"x","data":[{}]}"#, "PNG"] {
            #expect(try refusal(body, of: path) != nil, "\(body)")
        }
        let life = try #require(try call(path).answer.longestLife)
        #expect(life([ByteBuffer(string: #"{"data":[{"b64_json":"url"}]}"#.replacing("url", with: "curl"))]) == nil)
        #expect(life([ByteBuffer(string: #"{"data":[{"url":"https://x"}]}"#)]) == 3_000_000)
        #expect(life([ByteBuffer(string: #""""url"#), ByteBuffer(string: #""url""#)]) == 3_000_000)
    }

    @Test("are not cached where the request asks for a stream")
    func streams() throws {
        let call = try call("/audio/speech")
        for (members, isCached) in [
            ("", true), (#","stream":false"#, true), (#","stream_format":"audio""#, true),
            (#","stream_format":null"#, true),
            (#","stream":true"#, false), (#","stream_format":"sse""#, false), (#","stream_format":1"#, false),
        ] {
            let document = try document(#"{"model":"m"\#(members)}"#)
            #expect((call.request.bypass?(document, CacheAllowance()) == nil) == isCached, "\(members)")
        }
    }

    @Test("are cached only where the configuration says so, and need not name a model")
    func definitions() throws {
        for path in Self.table.calls.map(\.path) where path.hasPrefix("/audio") || path.hasPrefix("/images") {
            let call = try call(path)
            #expect(!Self.table.types.cachedByDefault.contains(call.type))
            let read = try document(#"{"prompt":"x"}"#).readRequest(call.request)
            guard case .none = read.modelPlace else { Issue.record("\(path)"); continue }
            #expect(read.model == "")
            #expect(throws: RequestError.self) { try document(#"{"model":null}"#).readRequest(call.request) }
        }
        #expect(Self.table.types.cachedByDefault.contains(try self.call("/chat/completions").type))
    }
}
