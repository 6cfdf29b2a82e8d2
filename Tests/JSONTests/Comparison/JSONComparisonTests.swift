import JSON
import NIOCore
import Testing

@Suite("The comparison of two bodies")
struct JSONComparisonTests {
    private func compare(_ first: String, _ second: String, leavingOut name: StaticString? = nil) throws
        -> JSONComparison
    {
        let documents = (try document(first), try document(second))
        for each in [documents.0, documents.1] {
            guard let name, let root = each.root, let value = each.member(name, of: root) else { continue }
            each.leaveOut(memberWithValue: value)
        }
        return JSONComparison(documents.0, documents.1)
    }

    private func bytes(_ text: String, _ range: Range<Int>?) -> String? {
        range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }

    /// The differences as `path: first, second`.
    private func differences(_ first: String, _ second: String) throws -> [String] {
        try compare(first, second).differences.map {
            "\($0.path): \(bytes(first, $0.first) ?? "-"), \(bytes(second, $0.second) ?? "-")"
        }
    }

    @Test("finds values that differ, are missing or are of another kind, in the order of the first body")
    func values() throws {
        #expect(try differences(#"{"a":1}"#, #"{"a":1}"#) == [])
        #expect(
            try differences(#"{"z":1,"b":{"c":[1,2]},"a":"x"}"#, #"{"a":"y","b":{"c":[1,3,4]},"n":null}"#) == [
                "/z: 1, -", "/b/c/1: 2, 3", "/b/c/2: -, 4", "/a: \"x\", \"y\"", "/n: -, null",
            ]
        )
        #expect(try differences(#"{"a":[]}"#, #"{"a":{}}"#) == ["/a: [], {}"])
        #expect(try differences(#"{"a":1}"#, #"{"a":"1"}"#) == [#"/a: 1, "1""#])
        #expect(try differences("[1]", "{}") == [": [1], {}"])
    }

    @Test("writes places as RFC 6901 does, and cuts long names and places")
    func pointers() throws {
        #expect(try differences(#"{"a/b":{"~":1}}"#, #"{"a/b":{"~":2}}"#) == ["/a~1b/~0: 1, 2"])
        #expect(try differences(#"{"ä":1}"#, #"{"\u00e4":2}"#) == ["/ä: 1, 2"])
        let long = String(repeating: "n", count: 5_000)
        let deep = String(repeating: #"{"\#(long)":"#, count: 100)
        let close = String(repeating: "}", count: 100)
        let path = try compare(deep + "1" + close, deep + "2" + close).differences[0].path
        #expect(path.utf8.count <= JSONComparison.longestPath && path.hasSuffix("…"))
    }

    @Test("tells apart what is only written differently: order, numbers, escapes, white space")
    func spelling() throws {
        func kinds(_ first: String, _ second: String) throws -> [JSONDifference.Kind] {
            let comparison = try compare(first, second)
            #expect(comparison.differences.isEmpty && comparison.differenceCount == 0)
            return comparison.irrelevant.map(\.kind)
        }
        #expect(try kinds(#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#) == [.order])
        #expect(try kinds("[1,0.1,100]", "[1.0,1e-1,1E2]") == [.number, .number, .number])
        #expect(try kinds(#"{"a":"é\n"}"#, #"{"\u0061":"\u00e9\u000a"}"#) == [.escapes, .escapes])
        #expect(try kinds(#"{"a":1}"#, #" { "a" : 1 } "#) == [])
        #expect(try compare(#"{"a":1}"#, #"{ "a":1}"#).whiteSpaceDiffers)
        #expect(try compare(#"{ "a":1}"#, #"{"a":1 }"#).whiteSpaceDiffers)
        #expect(try !compare(#"{"a":1, "b":[1,{}]}"#, #"{"a":2, "b":[1,{}]}"#).whiteSpaceDiffers)
        #expect(try !compare(#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#).whiteSpaceDiffers)
    }

    @Test("leaves out what the keys leave out, and says so where it differs")
    func leftOut() throws {
        for (first, second) in [(#"{"s":1,"a":1}"#, #"{"a":1}"#), (#"{"s":[1],"a":1}"#, #"{"s":[2],"a":1}"#)] {
            let comparison = try compare(first, second, leavingOut: "s")
            #expect(comparison.differenceCount == 0)
            #expect(comparison.irrelevant.map(\.kind) == [.leftOut] && comparison.irrelevant[0].path == "/s")
        }
        #expect(try compare(#"{"s":1}"#, #"{"s":1.0}"#, leavingOut: "s").irrelevant.isEmpty)
    }

    @Test("keeps the first differences of many, and counts them all, in little time")
    func many() throws {
        let numbers = (0..<200_000).map(String.init)
        let others = (0..<200_000).map { String($0 + 1) }
        let comparison = try compare(
            "[" + numbers.joined(separator: ",") + "]",
            "[" + others.joined(separator: ",") + "]"
        )
        #expect(comparison.differenceCount == 200_000)
        #expect(comparison.differences.map(\.path) == (0..<JSONComparison.most).map { "/\($0)" })
        // The names are sorted the other way round than they are written.
        let members = numbers.reversed().map { "\"\(String(repeating: "0", count: 6 - $0.count))\($0)\":" }
        let objects = ["1", "2"].map { value in "{" + members.map { $0 + value }.joined(separator: ",") + "}" }
        let reversed = try compare(objects[0], objects[1])
        #expect(reversed.differenceCount == 200_000)
        #expect(reversed.differences.first?.path == "/199999" && reversed.differences.last?.path == "/199936")
    }

    @Test("finds a difference exactly where the canonical forms differ")
    func canonical() throws {
        let bodies = [
            "{}", "[]", "0", "-0", "0.0", "1", "1e0", "\"\"", "\"1\"", "null", "true", "false",
            #"{"a":[1,{"b":null}]}"#,
            #"{"a":[1.0,{"b":null}]}"#, #"{"a":[1,{"b":null},2]}"#, #"{"a":[1,{}]}"#, #"{"b":1,"a":2}"#,
            #"{"a":2,"b":1}"#, #"{"":0}"#, #"{"\u0000":0}"#, #"{"a":"e\u0301"}"#, #"{"a":"\u00e9"}"#, "1e400", "10e399",
            "1e99999999999999999999", "10e99999999999999999998",
        ]
        for first in bodies {
            for second in bodies {
                let documents = (try document(first), try document(second))
                let forms = try [documents.0, documents.1].map { document in
                    let writer = CanonicalWriter()
                    writer.append(try #require(document.root), of: document)
                    return Array(writer.bytes)
                }
                let comparison = JSONComparison(documents.0, documents.1)
                #expect((comparison.differenceCount == 0) == (forms[0] == forms[1]), "\(first) \(second)")
                #expect(comparison.differences.isEmpty == (comparison.differenceCount == 0))
            }
        }
    }
}
