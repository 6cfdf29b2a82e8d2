import Testing

@testable import Upstream

@Suite("The fields of an answer")
struct AnswerFieldsTests {
    private let fields = AnswerFields([
        ("Content-Type", "text/event-stream; charset=utf-8"), ("x-empty", ""), ("X-Time", "12:30: now"),
        ("x-time", "later"),
    ])

    @Test("are lines that can be written as they are")
    func lines() {
        #expect(
            String(decoding: fields.lines, as: UTF8.self)
                == "Content-Type: text/event-stream; charset=utf-8\r\nx-empty: \r\nX-Time: 12:30: now\r\nx-time: later\r\n"
        )
        #expect(AnswerFields().lines.isEmpty)
    }

    @Test("are found by name, whatever the case; the first one of a name counts")
    func first() {
        #expect(fields.first("x-time") == "12:30: now")
        #expect(fields.first("content-type") == "text/event-stream; charset=utf-8")
        #expect(fields.first("x-empty") == "")
        #expect(fields.first("now") == nil)
        #expect(AnswerFields().first("x-time") == nil)
    }

    @Test("say what the content is, by the first Content-Type, whatever the case and wherever it stands")
    func contentType() {
        #expect(fields.contentType == "text/event-stream; charset=utf-8")
        #expect(fields.contentType(startsWith: "text/event-stream"))
        #expect(!fields.contentType(startsWith: "text/html"))
        let twice = AnswerFields([("x-content", "a"), ("CONTENT-TYPE", "Text/Html"), ("content-type", "text/css")])
        #expect(twice.contentType == "Text/Html")
        #expect(twice.contentType(startsWith: "text/html"))
        #expect(!twice.contentType(startsWith: "text/html; charset=utf-8"))
        #expect(AnswerFields([("content-type", "")]).contentType == "")
        #expect(!AnswerFields([("content-type", "")]).contentType(startsWith: "text/html"))
        #expect(AnswerFields([("x", "text/html")]).contentType == nil)
        #expect(!AnswerFields().contentType(startsWith: "text/html"))
    }

    @Test("say what the content is where they are taken from a head", arguments: ["content-type: ", "Content-Type:"])
    func takenContentType(name: String) {
        var fields = AnswerFields()
        let head = "x-first: 1\r\n\(name)text/html\r\n"
        Array(head.utf8).withUnsafeBytes { bytes in
            fields.append(bytes, name: 0..<7, value: 9..<10)
            fields.append(bytes, name: 12..<24, value: bytes.count - 11..<bytes.count - 2)
        }
        #expect(fields.contentType == "text/html")
        #expect(fields.contentType(startsWith: "text/html"))
    }

    @Test("can be written without those of one name")
    func without() {
        #expect(
            String(decoding: fields.lines(without: "x-time"), as: UTF8.self)
                == "Content-Type: text/event-stream; charset=utf-8\r\nx-empty: \r\n"
        )
    }

    @Test("are listed name by name")
    func list() {
        #expect(fields.list.map(\.name) == ["Content-Type", "x-empty", "X-Time", "x-time"])
        #expect(fields.list.map(\.value) == ["text/event-stream; charset=utf-8", "", "12:30: now", "later"])
    }

    @Test(
        "are taken from a head's lines, however a line spaces its value",
        arguments: ["a: b\r\n", "a:b\r\n", "a:   b\r\n"]
    )
    func taken(line: String) {
        var fields = AnswerFields()
        Array(line.utf8).withUnsafeBytes { bytes in
            let value = bytes.count - 3..<bytes.count - 2
            fields.append(bytes, name: 0..<1, value: value)
        }
        #expect(fields == AnswerFields([("a", "b")]))
    }
}
