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

    @Test("reveal what a value begins with")
    func startsWith() {
        #expect(fields.first("content-type", startsWith: "text/event-stream"))
        #expect(!fields.first("content-type", startsWith: "text/html"))
        #expect(!fields.first("x-empty", startsWith: "text/event-stream"))
        #expect(!fields.first("none", startsWith: "text"))
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
