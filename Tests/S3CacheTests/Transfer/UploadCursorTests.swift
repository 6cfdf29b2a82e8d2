import Testing

@testable import S3Cache

@Suite("A body that is uploaded")
struct UploadCursorTests {
    /// All pieces that a cursor returns for a buffer of `room` bytes.
    private func pieces(_ body: HTTPRequest.Body, room: Int) -> [String] {
        var cursor = UploadCursor(body)
        var memory = [UInt8](repeating: 0, count: room)
        var pieces: [String] = []
        while true {
            let count = memory.withUnsafeMutableBytes { cursor.copy(to: $0) }
            if count == 0 { return pieces }
            pieces.append(String(decoding: memory[..<count], as: UTF8.self))
        }
    }

    @Test("is sent in pieces as large as there is room for")
    func bytes() {
        #expect(pieces(.none, room: 4).isEmpty)
        #expect(pieces(.bytes(Array("abcdefghij".utf8)), room: 4) == ["abcd", "efgh", "ij"])
    }

    @Test("has its parts joined, empty ones included")
    func parts() {
        let texts = ["abc", "", "defgh", "i", ""].map { Array($0.utf8) }
        let buffers = texts.map { text in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
            buffer.copyBytes(from: text)
            return UnsafeRawBufferPointer(buffer)
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        #expect(pieces(.parts(buffers), room: 4) == ["abcd", "efgh", "i"])
        #expect(pieces(.parts(buffers), room: 100) == ["abcdefghi"])
    }
}
