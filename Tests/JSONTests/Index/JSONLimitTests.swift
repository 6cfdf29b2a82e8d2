import NIOCore
import Testing

@testable import JSON

@Suite("Limits of a JSON body")
struct JSONLimitTests {
    private let document = JSONDocument()

    private func list(_ count: Int, of element: String) -> ByteBuffer {
        ByteBuffer(string: "[" + Array(repeating: element, count: count).joined(separator: ",") + "]")
    }

    @Test("A body with as many values as the limit allows is read, and one with one more is refused")
    func nodes() throws {
        try document.parse(list(9, of: "1"), nodeLimit: 10)
        #expect(document.nodeCount == 10)
        let error = #expect(throws: JSONError.self) { try document.parse(list(10, of: "1"), nodeLimit: 10) }
        #expect(error?.code == .tooManyValues)
        // Names count, because they are values in the tape.
        try document.parse(ByteBuffer(string: #"{"a":1,"b":2}"#), nodeLimit: 5)
        #expect(throws: JSONError.self) { try document.parse(ByteBuffer(string: #"{"a":1,"b":2}"#), nodeLimit: 4) }
    }

    @Test("A body beyond the limit is given up at once, in the memory that the limit allows")
    func memory() {
        _ = #expect(throws: JSONError.self) { try document.parse(list(3_000_000, of: "1"), nodeLimit: 100_000) }
        #expect(document.keptNodes <= 262_144)
    }

    @Test("Where numbers are skipped a list of them takes two nodes, and everything else reads as ever")
    func skippedNumbers() throws {
        let text =
            #"{"data":[{"embedding":[0.1,-2e3,3],"index":7},{"embedding":[],"index":8}],"usage":[[1,2],[3,"x",4]]}"#
        try document.parse(ByteBuffer(string: text), skipsNumbers: true)
        let root = try #require(document.root)
        let data = try #require(document.member("data", of: root))
        let items = document.elements(of: data).map { item in
            (
                document.member("index", of: item).flatMap { document.int64($0) },
                document.member("embedding", of: item).map { Array(document.elements(of: $0)).count }
            )
        }
        #expect(items.map(\.0) == [7, 8])
        #expect(items.map(\.1) == [1, 0])
        let usage = try #require(document.member("usage", of: root))
        #expect(document.elements(of: usage).map { Array(document.elements(of: $0)).count } == [1, 2])
        try document.parse(list(500_000, of: "0.25"), skipsNumbers: true)
        #expect(document.nodeCount == 2)
    }
}
