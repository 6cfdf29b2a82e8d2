import Foundation
import Testing

@testable import HTTPSyntax

@Suite("The fields that are forwarded")
struct ForwardedFieldsTests {
    /// The lines of fields that stand in a head, which has them in whatever form.
    private func lines(_ head: String, _ fields: (name: String, value: String)...) -> String {
        let bytes = Array(head.utf8)
        var forwarded = ForwardedFields()
        bytes.withUnsafeBytes { bytes in
            for (name, value) in fields {
                let start =
                    head.range(of: name).map { head.utf8.distance(from: head.startIndex, to: $0.lowerBound) } ?? 0
                let valueStart =
                    head.range(of: value).map { head.utf8.distance(from: head.startIndex, to: $0.lowerBound) } ?? 0
                forwarded.append(
                    bytes,
                    name: start..<start + name.utf8.count,
                    value: valueStart..<valueStart + value.utf8.count
                )
            }
        }
        return String(decoding: forwarded.lines, as: UTF8.self)
    }

    @Test(
        "are written in one form, in whichever they came",
        arguments: [
            "User-Agent: me\r\n", "User-Agent:me\r\n", "User-Agent:  me\r\n", "User-Agent: me \r\n", "User-Agent: me",
        ]
    )
    func form(head: String) {
        #expect(lines(head, ("User-Agent", "me")) == "User-Agent: me\r\n")
    }

    @Test("keep their order, and are found by their names")
    func order() {
        let head = "a: 1\r\nb: 2\r\n"
        #expect(lines(head, ("b", "2"), ("a", "1")) == "b: 2\r\na: 1\r\n")
        var found: [String] = []
        ForwardedFields([("X-One", "1:2"), ("two", "")]).forEach { name, line in
            found.append("\(name)|\(String(decoding: line, as: UTF8.self))")
        }
        #expect(found == ["X-One|X-One: 1:2\r\n", "two|two: \r\n"])
        #expect(ForwardedFields().isEmpty && !ForwardedFields([("a", "b")]).isEmpty)
    }

    @Test(
        "are never those of a connection, credentials, or what is not valid",
        arguments: [("connection", "close"), ("Authorization", "x"), ("a b", "c"), ("a", "b\r\nc: d"), ("", "x")]
    )
    func refused(name: String, value: String) {
        #expect(ForwardedFields([(name, value)]).isEmpty)
    }
}
