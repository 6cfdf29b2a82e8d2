import Foundation
import Testing

@testable import Configuration

@Suite("Plain scalars")
struct ScalarValueTests {
    @Test("mean what PyYAML says they mean, for every case of the table that PyYAML wrote")
    func matchesPyYAML() throws {
        let table = try String(contentsOfFile: golden("pyyaml-scalars.tsv"), encoding: .utf8)
        let rows = table.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(rows.count > 3000)
        for row in rows {
            let (text, kind, value) = (String(row[0]), row[1], String(row[2]))
            let actual = ScalarValue.resolving(text)
            let isRight =
                switch (kind, actual) {
                case ("null", .null), ("text", .text), ("error", nil): true
                case ("bool", .bool(let flag)): flag == (value == "True")
                case ("int", .int(let number)): number == Int64(value)
                case ("float", .float(let number)): isSame(number, Double(value))
                default: false
                }
            #expect(isRight, "\(text) is \(kind) \(value) to PyYAML, \(String(describing: actual)) here")
        }
    }

    /// Base 60 is summed in another order than in Python, so that the last bit may differ.
    private func isSame(_ left: Double, _ right: Double?) -> Bool {
        guard let right else { return false }
        if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
        return left == right || abs(left - right) <= abs(right) * 4 * .ulpOfOne
    }

    @Test("are text when quoted, whatever they look like", arguments: ["'true'", "\"12\"", "'~'", "!!str on", "! 12"])
    func quoted(source: String) throws {
        let scalar = try #require(try scalar(source))
        #expect(scalar.value == .text)
    }

    @Test(
        "obey the tags of YAML 1.1",
        arguments: [
            ("!!int '12'", ScalarValue.int(12)), ("!!float 3", .float(3)), ("!!float '1e3'", .float(1000)),
            ("!!bool 'yes'", .bool(true)), ("!!null x", .null), ("!!timestamp 2006-03-01", .text),
            ("2006-03-01", .text),
        ]
    )
    func tagged(source: String, expected: ScalarValue) throws {
        #expect(try scalar(source)?.value == expected)
    }

    private func scalar(_ source: String) throws -> YAMLScalar? {
        let file = SourceFile(path: "a.yaml", bytes: Array("key: \(source)\n".utf8))
        let root = try YAMLComposer.compose(file) { Issue.record("\($0)") }
        guard case .scalar(let scalar)? = root.firstMember?.content else { return nil }
        return scalar
    }
}

extension YAMLNode {
    fileprivate var firstMember: YAMLNode? {
        if case .mapping(let members) = content { members.first?.value } else { nil }
    }
}

/// The path of a file beside the tests.
func golden(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)").path
}
