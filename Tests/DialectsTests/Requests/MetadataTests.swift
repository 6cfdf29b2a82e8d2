import Dialects
import Testing

@Suite("The metadata of a request") struct MetadataTests {
    private static let table = DialectTable([OpenAI.dialect, Anthropic.dialect])

    /// Whether the model sees the metadata of a request.
    private func isSent(_ metadata: String, to path: String, _ members: String = "") throws -> Bool {
        let call = try #require(Self.table.calls.first { $0.path == path })
        let document = try document(#"{"model":"m","metadata":\#(metadata)\#(members)}"#)
        return try document.readRequest(call.request).cuts.isEmpty
    }

    private static func labels(_ count: Int) -> String {
        "{\((0..<count).map { "\"\($0)\":\"v\"" }.joined(separator: ","))}"
    }

    private static let taken = [
        "null", "{}", #"{"a":"b"}"#, labels(16), "{\"\(String(repeating: "n", count: 64))\":\"\"}",
        "{\"\":\"\(String(repeating: "\u{1F600}", count: 512))\"}",
        "{\"\":\"\(String(repeating: #"\ud83d\ude00"#, count: 512))\"}",
    ]
    private static let rejected = [
        "1", "[]", #""text""#, #"{"a":1}"#, #"{"a":null}"#, #"{"tags":["a"]}"#, #"{"a":{"b":"c"}}"#, labels(17),
        "{\"\(String(repeating: "n", count: 65))\":\"\"}", "{\"a\":\"\(String(repeating: "v", count: 513))\"}",
        "{\"a\":\"\(String(repeating: "v", count: 100_000))\"}",
    ]

    @Test("of a response reaches the model if OpenAI would take it", arguments: taken, rejected)
    func responses(taken: String, rejected: String) throws {
        for path in ["/responses", "/responses/input_tokens"] {
            #expect(try isSent(taken, to: path))
            #expect(try !isSent(rejected, to: path))
        }
    }

    @Test("of a chat reaches the model if OpenAI would take it, which needs a chat that is stored", arguments: taken)
    func chat(taken: String) throws {
        #expect(try isSent(taken, to: "/chat/completions", #","store":true"#))
        for store in ["", #","store":false"#, #","store":null"#, #","store":"true""#] {
            #expect(try isSent(taken, to: "/chat/completions", store) == (taken == "null"))
        }
        for rejected in Self.rejected {
            #expect(try !isSent(rejected, to: "/chat/completions", #","store":true"#))
        }
    }

    @Test(
        "reaches no model of a call that has none",
        arguments: ["/completions", "/embeddings", "/rerank", "/moderations"]
    )
    func others(path: String) throws {
        for metadata in Self.taken + Self.rejected { #expect(try !isSent(metadata, to: path)) }
    }

    @Test("of a message is sent as it is", arguments: ["/messages", "/messages/count_tokens"])
    func messages(path: String) throws {
        for metadata in Self.taken + Self.rejected { #expect(try isSent(metadata, to: path)) }
    }

    @Test("is part of the key only where the answer repeats it")
    func key() throws {
        for call in Self.table.calls {
            func canonical(_ metadata: String) throws -> [UInt8] {
                let document = try document(#"{"model":"m"\#(metadata)}"#)
                _ = try document.readRequest(call.request)
                return document.canonical
            }
            let isRepeated = call.path.hasPrefix("/responses")
            #expect(try (canonical(#","metadata":{"a":"b"}"#) == canonical("")) != isRepeated, "\(call.path)")
            // What no model sees changes no answer.
            #expect(try canonical(#","metadata":{"tags":["a"]}"#) == canonical(""), "\(call.path)")
        }
    }
}
