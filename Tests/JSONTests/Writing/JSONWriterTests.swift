import JSON
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    @Test("Members and elements are parted by commas, at every depth") func containers() {
        let text = JSONWriter.object { object in
            object.name("a")
            object.array { array in
                array.integer(1)
                array.object { member in
                    member.name("b")
                    member.bool(true)
                }
                array.array { _ in }
                array.null()
            }
            object.name("c")
            object.object { _ in }
            object.name("d")
            object.number(0.5)
        }
        #expect(text == #"{"a":[1,{"b":true},[],null],"c":{},"d":0.5}"#)
    }

    @Test("A string is escaped wherever it stands, and reads as it was") func strings() throws {
        let hostile = "\"\\\u{0}\n\u{7F}\u{2028}\u{E9}\u{1F600}"
        let text = JSONWriter.object { object in
            object.name(hostile)
            object.string(hostile)
        }
        let body = try document(text)
        let root = try #require(body.root)
        let member = try #require(Array(body.members(of: root)).first)
        #expect(body.string(member.name) == hostile && body.string(member.value) == hostile)
    }

    @Test("A number that is not finite and a missing string are null") func nulls() {
        let text = JSONWriter.object { object in
            object.name("a")
            object.number(.infinity)
            object.name("b")
            object.string(nil as String?)
        }
        #expect(text == #"{"a":null,"b":null}"#)
    }

    @Test("What is JSON already is written as it is") func values() {
        var writer = JSONWriter()
        writer.array { array in
            array.value(ByteBuffer(string: #"{"x": 1}"#))
            array.value(.object([.init("y", .number(2))]))
        }
        #expect(writer.text == #"[{"x": 1},{"y":2}]"#)
    }
}
