import JSON
import NIOCore
import Testing

@testable import Dialects

@Suite("The inputs of an embedding request")
struct EmbeddingInputsTests {
    private let document = JSONDocument()

    private func inputs(_ count: Int, of element: String) throws -> Int? {
        let list = "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
        try document.parse(ByteBuffer(string: list))
        return document.inputs(of: try #require(document.root), atMost: 2)?.count
    }

    @Test("Of more inputs than are taken one more than that is told apart", arguments: [2, 3, 1_000_000])
    func limit(count: Int) throws {
        #expect(try inputs(count, of: #""a""#) == min(count, 3))
    }

    @Test("A list of numbers is one input, however many they are")
    func tokens() throws {
        #expect(try inputs(5_000, of: "7") == 1)
    }
}
