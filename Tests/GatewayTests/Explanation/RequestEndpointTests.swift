import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite("The endpoint of a request that names none")
struct RequestEndpointTests {
    @Test(
        "follows from its members",
        arguments: [
            (#"{"model":"gpt-4o","messages":[]}"#, "/v1/chat/completions"),
            (#"{"model":"claude","messages":[],"max_tokens":5}"#, "/v1/messages"),
            (#"{"model":"m","messages":[],"system":"s"}"#, "/v1/messages"),
            (#"{"model":"gpt","prompt":"x"}"#, "/v1/completions"),
            (#"{"prompt":"x","size":"1024x1024"}"#, "/v1/images/generations"),
            (#"{"model":"m","input":["x"]}"#, "/v1/embeddings"),
            (#"{"model":"m","input":[1,2]}"#, "/v1/embeddings"),
            (#"{"model":"text-embedding-3","input":"x"}"#, "/v1/embeddings"),
            (#"{"model":"m","input":"x","encoding_format":"float"}"#, "/v1/embeddings"),
            (#"{"model":"omni-moderation-latest","input":"x"}"#, "/v1/moderations"),
            (#"{"model":"gpt","input":"x"}"#, "/v1/responses"),
            (#"{"model":"gpt","input":[{"role":"user","content":"x"}]}"#, "/v1/responses"),
            (#"{"model":"text-embedding-3","input":"x","instructions":"y"}"#, "/v1/responses"),
            (#"{"model":"m","input":"x","voice":"alloy"}"#, "/v1/audio/speech"),
            (#"{"model":"m","query":"x","documents":[]}"#, "/v1/rerank"),
            ("{}", "/v1/chat/completions"), ("[1", "/v1/chat/completions"),
        ]
    )
    func members(body: String, path: String) {
        let endpoint = RequestEndpoint(of: ByteBuffer(string: body), JSONDocument(), nodeLimit: 100) {
            $0.utf8.elementsEqual("claude".utf8)
        }
        #expect(endpoint.path == path)
        #expect(endpoint.because?.isEmpty == false)
    }

    @Test("is that of a chat where there are too many values to look at")
    func limit() {
        let body = "{\"prompt\":[" + Array(repeating: "1", count: 200).joined(separator: ",") + "]}"
        let endpoint = RequestEndpoint(of: ByteBuffer(string: body), JSONDocument(), nodeLimit: 100) { _ in false }
        #expect(endpoint.path == "/v1/chat/completions")
    }
}
