@testable import RedisCache

extension ReplyReader {
    func feed(_ bytes: [UInt8]) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        try feed(UnsafeRawBufferPointer(memory))
    }

    func feed(_ text: String) throws { try feed(Array(text.utf8)) }
}
