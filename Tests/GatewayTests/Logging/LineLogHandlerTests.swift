import Foundation
import Logging
import Testing

@testable import Gateway

@Suite("Log lines")
struct LineLogHandlerTests {
    @Test("A record is one line, whatever it holds")
    func oneLine() {
        let hostile = "a\nb\r\u{1B}[31m\u{2028}\u{85}c"
        for format in LogFormat.allCases {
            let handler = LineLogHandler(logLevel: .info, format: format)
            let line = handler.render(level: .info, message: hostile, fields: [("model", hostile)], at: "T")
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{2028}" })
        }
    }

    @Test("A JSON line is an object with time, level, message and the fields")
    func json() throws {
        let handler = LineLogHandler(logLevel: .info, format: .json)
        let line = handler.render(level: .error, message: "it \"broke\"", fields: [("port", "80")], at: "T")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object == ["time": "T", "level": "error", "message": "it \"broke\"", "port": "80"])
    }

    @Test("A text line quotes values with blanks")
    func text() {
        let handler = LineLogHandler(logLevel: .info, format: .text)
        let line = handler.render(level: .notice, message: "up", fields: [("a", "b"), ("c", "d e")], at: "T")
        #expect(line == "T notice up a=b c=\"d e\"")
    }

    @Test("Times are RFC 3339 in UTC")
    func time() {
        #expect(Timestamp.format(seconds: 784_111_777, milliseconds: 7) == "1994-11-06T08:49:37.007Z")
    }
}
