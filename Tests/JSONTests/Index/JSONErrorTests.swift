import Testing

@testable import JSON

@Suite struct JSONErrorTests {
    @Test(
        "An error names the place by path and byte",
        arguments: [
            (#"{"messages":[1,2,{"content":"a" x"#, "messages[2]", 32),
            (#"{"messages":[1,2,{"content":tru}]}"#, "messages[2].content", 28),
            (#"{"a":{"b":[[],{},[{"c":01}]]}}"#, "a.b[2][0].c", 23),
            (#"{"a":1,"b":{"x":1,"x":2}}"#, "b.x", 18),
            (#"[1,,]"#, "[1]", 3), (#"{"a":1}]"#, "", 7), ("", "", 0), (#"{"a":1"#, "", 6),
            ("{\"a\nb\":1}", "", 3), ("{\"t\u{E9}\":[}", "t??[0]", 8),
        ]
    )
    func place(body: String, path: String, offset: Int) {
        let error = parse(Array(body.utf8))
        #expect(error?.path == path)
        #expect(error?.offset == offset)
    }

    @Test("An error reads as a sentence") func sentence() {
        let error = parse(Array(#"{"messages":[0,0,{"content":"a" "x":1}]}"#.utf8))
        #expect(
            error?.description
                == "the request body is not valid JSON: expected ',' or '}' after a member of 'messages[2]' at byte 32"
        )
        #expect(Set(JSONError.Code.allCases.map(\.rawValue)).count == JSONError.Code.allCases.count)
    }

    @Test("A path stays short and printable, whatever the names are") func bounded() {
        let name = String(repeating: "n\u{202E}", count: 1_000)
        let body = String(repeating: "{\"\(name)\":", count: 100) + "?"
        let path = parse(Array(body.utf8))?.path ?? ""
        #expect(!path.isEmpty && path.utf8.count <= JSONPath.longest)
        #expect(path.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
}
