import CHiredis
import Glibc

/// Reads replies from a connection's bytes, by hiredis' reader with our own reply objects.
final class ReplyReader {
    /// The bytes are no replies of a Redis server.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    private var reader: UnsafeMutablePointer<redisReader>?

    /// hiredis keeps a pointer to the table: it lives as long as the process.
    private nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        table.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, bytes, count in
                    guard let task else { return nil }
                    let kind: Reply.Kind =
                        switch task.pointee.type {
                        case REDIS_REPLY_ERROR: .error
                        case REDIS_REPLY_STATUS: .status
                        default: .string
                        }
                    return ReplyReader.place(Reply.string(kind, bytes, count: Int(clamping: count)), task)
                },
                createArray: { task, count in
                    guard let task else { return nil }
                    return ReplyReader.place(Reply.array(count: Int(count)), task)
                },
                createInteger: { task, number in
                    guard let task else { return nil }
                    return ReplyReader.place(Reply.integer(number), task)
                },
                createNil: { task in
                    guard let task else { return nil }
                    return ReplyReader.place(Reply.null(), task)
                },
                freeObject: { object in
                    if let object { Reply(object).free() }
                }
            )
        )
        return table
    }()

    init() { reader = redisReaderCreateWithFunctions(Self.functions) }

    deinit { redisReaderFree(reader) }

    /// Takes what was read from the connection.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        guard let reader else { throw Malformed(reason: "there is no memory for a reader") }
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        guard redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK else {
            throw malformed(reader)
        }
    }

    /// The next whole reply, which the caller owns; nil: more bytes are needed.
    func next() throws(Malformed) -> Reply? {
        guard let reader else { throw Malformed(reason: "there is no memory for a reader") }
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw malformed(reader) }
        return reply.map(Reply.init)
    }

    private func malformed(_ reader: UnsafeMutablePointer<redisReader>) -> Malformed {
        let reason = withUnsafeBytes(of: &reader.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Malformed(reason: reason)
    }

    /// Puts a new object into the array that it belongs to, if any.
    private static func place(
        _ reply: Reply?,
        _ task: UnsafePointer<redisReadTask>
    ) -> UnsafeMutableRawPointer? {
        guard let reply else { return nil }
        guard let parent = task.pointee.parent?.pointee.obj else { return reply.address }
        guard Reply(parent).put(reply, at: Int(task.pointee.idx)) else {
            reply.free()
            return nil
        }
        return reply.address
    }
}
