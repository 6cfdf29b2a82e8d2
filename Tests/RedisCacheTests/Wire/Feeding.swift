@testable import RedisCache

extension ReplyReader {
    /// Reads all of the bytes, and calls `body` with each complete reply.
    func read(_ bytes: [UInt8], _ expected: ExpectedReply, _ body: (Outcome) -> Void) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        var input = UnsafeRawBufferPointer(memory)
        while let outcome = try next(&input, expecting: { expected }) { body(outcome) }
    }

    /// The first reply in the bytes.
    func first(_ bytes: [UInt8]) throws -> Reply? {
        var found: Reply?
        try read(bytes, .listing) { if case .reply(let reply) = $0, found == nil { found = reply } }
        return found
    }
}
