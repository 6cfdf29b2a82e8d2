import CHiredis
import Glibc

/// Makes the objects of one reply from its bytes, with hiredis' reader and our own reply objects.
///
/// It is given a reply's bytes as they are received, and nothing after them. `ReplyReader` has checked every length by
/// then, so that hiredis holds no more than was requested. It is used by one thread.
final class ReplyBuilder {
    private var reader: UnsafeMutablePointer<redisReader>?

    /// The beginning of the error that replaces a string that was not kept, before the string's length. No server sends
    /// such an error.
    private static let oversized: StaticString = "\0oversized "

    /// The functions that make reply objects. hiredis keeps a pointer to this table, so it lives as long as the
    /// process.
    ///
    /// It is unsafe because of the pointer. The table is not changed once it has been made.
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
                    let text = UnsafeRawBufferPointer(start: bytes, count: Int(clamping: count))
                    if kind == .error, let length = ReplyBuilder.oversizedLength(text) {
                        return ReplyBuilder.place(Reply.oversized(length), task)
                    }
                    return ReplyBuilder.place(Reply.string(kind, text.baseAddress, count: text.count), task)
                },
                createArray: { task, count in
                    guard let task else { return nil }
                    return ReplyBuilder.place(Reply.array(count: Int(count)), task)
                },
                createInteger: { task, number in
                    guard let task else { return nil }
                    return ReplyBuilder.place(Reply.integer(number), task)
                },
                createNil: { task in
                    guard let task else { return nil }
                    return ReplyBuilder.place(Reply.null(), task)
                },
                freeObject: { object in
                    if let object { Reply(object).free() }
                }
            )
        )
        return table
    }()

    deinit { reset() }

    /// Discards the bytes that it was given.
    func reset() {
        if let reader { redisReaderFree(reader) }
        reader = nil
    }

    /// Adds more bytes of the reply.
    func add(_ bytes: UnsafeRawBufferPointer) throws(ReplyReader.Refusal) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        if reader == nil { reader = redisReaderCreateWithFunctions(Self.functions) }
        guard let reader else { throw ReplyReader.Refusal(reason: "there is no memory for it") }
        guard redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK else {
            throw refusal(reader)
        }
    }

    /// Adds `.oversized` in place of a string of that length that is not kept.
    func addOversized(_ length: Int) throws(ReplyReader.Refusal) {
        let line = Array("-\(Self.oversized)\(length)\r\n".utf8)
        var result: Result<Void, ReplyReader.Refusal> = .success(())
        line.withUnsafeBytes { bytes in
            do throws(ReplyReader.Refusal) { try add(bytes) } catch { result = .failure(error) }
        }
        try result.get()
    }

    /// Returns the reply whose last byte was added. The caller owns it.
    func build() throws(ReplyReader.Refusal) -> Reply {
        guard let reader else { throw ReplyReader.Refusal(reason: "it is empty") }
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw refusal(reader) }
        guard let reply else { throw ReplyReader.Refusal(reason: "it ends too early") }
        return Reply(reply)
    }

    private func refusal(_ reader: UnsafeMutablePointer<redisReader>) -> ReplyReader.Refusal {
        let reason = withUnsafeBytes(of: &reader.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ReplyReader.Refusal(reason: reason)
    }

    private static func oversizedLength(_ text: UnsafeRawBufferPointer) -> Int? {
        let mark = oversized.utf8CodeUnitCount
        guard text.count > mark, oversized.withUTF8Buffer({ text.prefix(mark).elementsEqual($0) }) else { return nil }
        return Int(String(decoding: text[mark...], as: UTF8.self))
    }

    /// Puts a new object into the array that it belongs to, if any.
    private static func place(_ reply: Reply?, _ task: UnsafePointer<redisReadTask>) -> UnsafeMutableRawPointer? {
        guard let reply else { return nil }
        guard let parent = task.pointee.parent?.pointee.obj else { return reply.address }
        guard Reply(parent).put(reply, at: Int(task.pointee.idx)) else {
            reply.free()
            return nil
        }
        return reply.address
    }
}
