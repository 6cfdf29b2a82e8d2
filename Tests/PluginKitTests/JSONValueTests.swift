import PluginKit
import Testing

@Suite("A JSON value for plugins")
struct JSONValueTests {
    @Test("a JSON value has the types, order and escapes of its text")
    func reading() throws {
        let value = try #require(
            JSONValue(
                parsing: #" {"a":[1, -2.5e1,true,false,null,{}],"b":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é","a":7} "#
            )
        )
        #expect(value["a"] == .int(7))
        #expect(value["b"]?.string == "\"\\/\u{8}\u{C}\n\r\té😀é")
        guard case .object(let members) = value else { return #expect(Bool(false), "no object") }
        #expect(members.map(\.name) == ["a", "b", "a"])
        #expect(members.first?.value.array == [.int(1), .double(-25), .bool(true), .bool(false), .null, .object([])])
        #expect(JSONValue(parsing: "9223372036854775807") == .int(.max))
        #expect(JSONValue(parsing: "9223372036854775808") == .double(9223372036854775808))
        #expect(JSONValue(parsing: #""6379""#)?.integer == 6379)
        #expect(JSONValue(parsing: "[]")?["a"] == nil)
    }

    @Test(
        "a text is refused where RFC 8259 refuses it",
        arguments: [
            "", " ", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", ".5", "-", "+1", "1e", "nul",
            "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "1 1", "NaN", "1e999",
            String(repeating: "[", count: 100_000),
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ]
    )
    func refused(text: String) {
        #expect(JSONValue(parsing: text) == nil, "\(text.prefix(40))")
    }

    @Test("reading never traps, whatever the bytes")
    func fuzz() {
        var state: UInt64 = 42
        let alphabet = Array("{}[]\",:\\u0123456789eE+-. truefalsn\u{1}é".utf8)
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1
            for _ in 0..<Int(state >> 59) {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            _ = JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
        }
    }
}
