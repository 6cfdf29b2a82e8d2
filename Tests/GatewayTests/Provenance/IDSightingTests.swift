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

@Suite("The ids that deployments have issued")
struct IssuedIDsTests {
    private func origin(_ account: String) -> IssuedIDs.Origin { .init(model: "m", account: account) }

    @Test("are known with their last origin")
    func known() {
        let ids = IssuedIDs(capacity: 4)
        ids.note(Array("a".utf8), origin("one"))
        ids.note(Array("a".utf8), origin("two"))
        #expect(ids.origin(of: "a".utf8)?.account == "two" && ids.origin(of: "b".utf8) == nil)
        #expect(ids.origin(of: [UInt8](repeating: 0x61, count: 4_000_000)) == nil)
    }

    @Test("are as many as there is room for, of which the oldest are forgotten first")
    func bounded() {
        let ids = IssuedIDs(capacity: 3)
        for number in 0..<10 { ids.note(Array("\(number)".utf8), origin("d\(number)")) }
        #expect((0..<10).filter { ids.origin(of: "\($0)".utf8) != nil } == [7, 8, 9])
        #expect(ids.origin(of: "8".utf8)?.account == "d8")
    }
}
