import NIOCore
import ResponseCache

extension Connection {
    /// Answers from the cache: head and body in one buffer, the body copied once, out of the backend's memory.
    func answer(_ hit: CacheHit, key: CacheKey) {
        var writer = respond(hit.status, capacity: 512 + hit.bodyLength)
        writer.lines("content-type: ")
        writer.write { $0.writeString(hit.contentType) }
        writer.lines("\r\n")
        writer.contentLength(hit.bodyLength)
        writer.write { buffer in
            hit.cacheStatus.writeLine(to: &buffer)
            buffer.writeStaticString("age: ")
            buffer.writeDecimal(hit.ageSeconds)
            buffer.writeStaticString("\r\nx-litellm-cache-key: ")
            key.withText { _ = buffer.writeBytes($0) }
            buffer.writeStaticString("\r\n")
            worker.writeRequestID(&buffer)
        }
        writer.endHead()
        if !isHead { writer.write { hit.writeBody(into: &$0) } }
        hit.release()
        answer(writer.buffer)
    }
}
