import Foundation
import Logging
import Testing

@testable import Gateway

@Suite("Log lines")
struct LogFormatTests {
    private func line(_ format: LogFormat, _ message: String, _ fields: [(String, String)] = []) -> String {
        String(decoding: format.line(level: .notice, message: message, fields: fields, at: "T"), as: UTF8.self)
    }

    @Test("A record is one line, whatever it holds")
    func oneLine() {
        let hostile = "a\nb\r\u{1B}[31m\u{2028}\u{85}c"
        for format in LogFormat.allCases {
            let line = line(format, hostile, [("model", hostile)])
            #expect(line.hasSuffix("\n"))
            #expect(!line.dropLast().unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{2028}" })
        }
    }

    @Test("A JSON line is an object with time, level, message and the fields")
    func json() throws {
        let line = line(.json, "it \"broke\"", [("port", "80")])
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object == ["time": "T", "level": "notice", "message": "it \"broke\"", "port": "80"])
        #expect(line == #"{"time":"T","level":"notice","message":"it \"broke\"","port":"80"}"# + "\n")
    }

    @Test("A text line quotes values with blanks")
    func text() {
        #expect(line(.text, "up", [("a", "b"), ("c", "d e")]) == "T notice up a=b c=\"d e\"\n")
    }

    @Test("A line has at most 4,096 bytes, says what was cut, and is still JSON", arguments: ["a", "\u{1}", "ü", "🇩🇪"])
    func long(piece: String) throws {
        let message = String(repeating: piece, count: 100_000)
        for format in LogFormat.allCases {
            let line = line(format, message, [("one", message), ("two", message)])
            #expect(line.utf8.count <= 4_096)
            #expect(line.contains("cut, it had \(message.utf8.count) bytes"))
            #expect(!line.contains("\u{FFFD}"), "a character was cut in two")
        }
        let object = try JSONSerialization.jsonObject(with: Data(line(.json, message).utf8)) as? [String: String]
        #expect(object?["message"]?.hasPrefix(piece) == true)
    }

    @Test("A line of 4,096 bytes is whole")
    func longest() {
        let message = String(repeating: "a", count: 4_096 - "T notice \n".utf8.count)
        #expect(line(.text, message) == "T notice \(message)\n")
        #expect(line(.text, message + "a").contains("cut"))
    }

    @Test("Times are RFC 3339 in UTC")
    func time() {
        #expect(Timestamp.format(seconds: 784_111_777, milliseconds: 7) == "1994-11-06T08:49:37.007Z")
    }
}
