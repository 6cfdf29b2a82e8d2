import NIOCore
import Testing

@testable import Gateway

@Suite("The id that an answer is seen to have")
struct IDSightingTests {
    private func id(_ pieces: [String]) -> String? {
        var sighting = IDSighting()
        var found: [[UInt8]] = []
        for piece in pieces {
            if let id = sighting.take(ByteBuffer(string: piece)) { found.append(id) }
        }
        #expect(found.count <= 1)
        return found.first.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "is the first member of that name with a plain string, of an object or of an event",
        arguments: [
            (#"{"id":"resp_1","x":{"id":"other"}}"#, "resp_1"), ("{\n  \"id\" : \"file-9\"}", "file-9"),
            ("event: response.created\ndata: {\"type\":\"x\",\"response\":{\"id\":\"resp_2\"}}\n\n", "resp_2"),
            (#"{"id":7,"b":{"id":"conv_3"}}"#, "conv_3"), (#"{"id":"a b","c":{"id":"d"}}"#, "d"),
        ]
    )
    func found(text: String, expected: String) {
        #expect(id([text]) == expected)
        #expect(id(text.map(String.init)) == expected, "however it is divided")
    }

    @Test(
        "is none where there is none, or only one that is too long or far away",
        arguments: [
            "", "{}", #"{"id":""}"#, #"{"id":"resp_1"#, #"{"id":null}"#, #"{"idx":"a"}"#,
            #"{"id":"\#(String(repeating: "i", count: 129))"}"#,
            #"{"x":"\#(String(repeating: "x", count: 4096))","id":"a"}"#,
        ]
    )
    func missing(text: String) {
        #expect(id([text]) == nil)
        #expect(id(text.map(String.init)) == nil)
    }
}
