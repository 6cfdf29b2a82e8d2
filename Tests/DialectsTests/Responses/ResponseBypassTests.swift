import Dialects
import JSON
import NIOCore
import Testing

@Suite("A request for a response")
struct ResponseBypassTests {
    private func bypass(_ members: String, _ allowance: CacheAllowance = CacheAllowance()) throws -> CacheBypass? {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: #"{"model":"m","input":"x"\#(members)}"#))
        let call = try #require(DialectTable([OpenAI.dialect]).calls.first { $0.path == "/responses" })
        let rule = try #require(call.request.bypass)
        return rule(document, allowance)
    }

    @Test(
        "may be cached where the answer depends on the request alone",
        arguments: [
            "", #","store":true"#, #","store":false"#, #","previous_response_id":null,"conversation":null"#,
            #","background":false"#, #","prompt":{"id":"p","version":"2"}"#, #","truncation":"auto""#,
            #","tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}]"#, #","tools":[]"#,
            #","context_management":[{"type":"compaction","compact_threshold":1000}]"#,
        ]
    )
    func pure(members: String) throws {
        #expect(try bypass(members) == nil)
    }

    @Test(
        "is kept from the cache, and says why, where it is not",
        arguments: [
            (#","conversation":"conv_1""#, "stateful"), (#","conversation":{"id":"conv_1"}"#, "stateful"),
            (#","previous_response_id":"resp_1""#, "stateful"), (#","background":true"#, "background"),
            (#","prompt":{"id":"p"}"#, "unversioned-prompt"),
            (#","prompt":{"id":"p","version":null}"#, "unversioned-prompt"),
            (#","tools":[{"type":"function","name":"f"},{"type":"web_search"}]"#, "tool"),
            (#","tools":[{"type":"mcp","server_url":"https://x"}]"#, "tool"),
            (#","tools":[{"type":"code_interpreter"}]"#, "tool"), (#","tools":[{"type":"shell"}]"#, "tool"),
            (#","tools":[{"type":"invented_tomorrow"}]"#, "tool"), (#","tools":[{}]"#, "tool"),
        ]
    )
    func stateful(members: String, detail: String) throws {
        #expect(try bypass(members).map { "\($0.detail)" } == detail)
    }

    @Test("may be cached where the configuration allows what it does, and only that")
    func allowed() throws {
        let some = CacheAllowance(stateful: true, tools: ["web_search"])
        #expect(try bypass(#","previous_response_id":"resp_1""#, some) == nil)
        #expect(try bypass(#","tools":[{"type":"web_search"},{"type":"web_search_preview"}]"#, some) == nil)
        #expect(try bypass(#","tools":[{"type":"web_search"},{"type":"mcp"}]"#, some) == .tool)
        #expect(try bypass(#","tools":[{"type":"web_searching"}]"#, some) == .tool)
        #expect(try bypass(#","conversation":"conv_1""#, some) == .stateful)
    }

    @Test("keeps all of its members in the key except how the answer is delivered, because the answer repeats them")
    func key() throws {
        let call = try #require(DialectTable([OpenAI.dialect]).calls.first { $0.path == "/responses" })
        func canonical(_ body: String) throws -> String {
            let document = JSONDocument()
            try document.parse(ByteBuffer(string: body))
            _ = try document.readRequest(call.request)
            let writer = CanonicalWriter()
            if let root = document.root { writer.append(root, of: document) }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let plain = try canonical(#"{"model":"m","input":"x"}"#)
        for same in [#","stream":true"#, #","stream_options":{"include_obfuscation":false}"#, #","cache":{"ttl":1}"#] {
            #expect(try canonical(#"{"model":"m","input":"x"\#(same)}"#) == plain)
        }
        for other in [#","metadata":{"a":"b"}"#, #","user":"u""#, #","prompt_cache_key":"k""#, #","include":["x"]"#] {
            #expect(try canonical(#"{"model":"m","input":"x"\#(other)}"#) != plain)
        }
    }
}
