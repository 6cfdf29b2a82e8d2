import JSON
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    @Test("Members and elements are parted by commas, at every depth") func containers() {
        let text = JSONWriter.object { object in
            object.member("a") { value in
                value.array { array in
                    array.integer(1)
                    array.object { $0.member("b") { $0.bool(true) } }
                    array.array { _ in }
                    array.null()
                }
            }
            object.member("c") { $0.object { _ in } }
            object.member("d") { $0.number(0.5) }
            object.member("e", "f")
        }
        #expect(text == #"{"a":[1,{"b":true},[],null],"c":{},"d":0.5,"e":"f"}"#)
    }

    @Test("A string is escaped wherever it stands, and reads as it was") func strings() throws {
        let hostile = "\"\\\u{0}\n\u{7F}\u{2028}\u{E9}\u{1F600}"
        let text = JSONWriter.object { $0.member(named: hostile, hostile) }
        let body = try document(text)
        let root = try #require(body.root)
        let member = try #require(Array(body.members(of: root)).first)
        #expect(body.string(member.name) == hostile && body.string(member.value) == hostile)
    }

    @Test("A number that is not finite and a missing string are null") func nulls() {
        let text = JSONWriter.object { object in
            object.member("a") { $0.number(.infinity) }
            object.member("b", nil)
            object.member("c") { $0.string(nil as String?) }
        }
        #expect(text == #"{"a":null,"b":null,"c":null}"#)
    }

    @Test("Whole numbers are written to the last digit") func integers() {
        var writer = JSONWriter()
        writer.array { array in
            array.integer(Int.min)
            array.integer(UInt64.max)
        }
        #expect(writer.text == "[-9223372036854775808,18446744073709551615]")
    }

    @Test("What is JSON already is written as it is, in one piece or several") func values() {
        var writer = JSONWriter()
        writer.array { array in
            array.value(ByteBuffer(string: #"{"x": 1}"#))
            array.value(.object([.init("y", .number(2))]))
            array.value { piece in
                piece.writeString("[1")
                piece.writeString(", 2]")
            }
            array.null()
        }
        #expect(writer.text == #"[{"x": 1},{"y":2},[1, 2],null]"#)
    }

    @Test("A value that was taken apart is written as it was, without its white space") func trees() throws {
        let source = ByteBuffer(string: #"{ "a\n" : [ 1.50, "\u00e9", null, {} , [] ], "b": true }"#)
        let tree = try #require(JSONTree(parsing: source, with: JSONDocument()))
        var writer = JSONWriter()
        writer.value(tree)
        #expect(writer.text == #"{"a\u000a":[1.50,"\u00e9",null,{},[]],"b":true}"#)
    }

    @Test("Members that were written alone can be repeated among others, even where there are none") func members() {
        var repeated = JSONWriter()
        repeated.member("a", "b")
        repeated.member(JSONTree.Member("c", .number(1)))
        for (common, text) in [(repeated.buffer, #"{"a":"b","c":1,"d":null}"#), (ByteBuffer(), #"{"d":null}"#)] {
            let whole = JSONWriter.object { object in
                object.members(common)
                object.member("d", nil)
            }
            #expect(whole == text)
        }
    }

    @Test("JSON is appended to what a buffer holds, where the buffer holds it") func appending() {
        var buffer = ByteBuffer(string: "data: ")
        buffer.reserveCapacity(1024)
        let place = buffer.withUnsafeReadableBytes { $0.baseAddress }
        buffer.writeJSON { $0.array { $0.string("a") } }
        buffer.writeJSON { $0.integer(1) }
        #expect(String(buffer: buffer) == #"data: ["a"]1"#)
        #expect(buffer.withUnsafeReadableBytes { $0.baseAddress } == place)
    }
}
