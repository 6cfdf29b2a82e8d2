import Configuration
import NIOCore
import ResponseCache

extension Connection {
    /// Answers from the cache as the client wants it, and gives the hit's memory back.
    ///
    /// - Parameter insists: a stream without its usage serves also where the usage is wanted, since there is nothing better.
    /// - Returns: why that cannot be done, with nothing sent; nil where it is.
    func answer(_ hit: CacheHit, key: CacheKey, wish: AnswerWish, insists: Bool = false) -> CacheMiss? {
        switch wish.rendering(of: hit, with: worker.document) {
        case .asStored:
            answer(hit, key: key)
        case .body(let body, let contentType):
            hit.release()
            answer(hit, key: key, body: body, contentType: contentType)
        case .replay(let recording):
            hit.release()
            replay(hit, key: key, recording, includesUsage: wish.includesUsage)
        case .withoutUsage where insists:
            guard let recording = StreamRecording(body: hit.body()) else { return .withoutUsage }
            hit.release()
            replay(hit, key: key, recording, includesUsage: false)
        case .withoutUsage:
            hit.release()
            return .withoutUsage
        case .unusable:
            hit.release()
            return .unreadable(.unknownForm)
        }
        return nil
    }

    /// Head and body in one buffer, the body copied once, out of the backend's memory.
    private func answer(_ hit: CacheHit, key: CacheKey) {
        var writer = head(of: hit, key: key, capacity: 512 + hit.bodyLength)
        writer.lines("content-type: ")
        writer.write { $0.writeString(hit.contentType) }
        writer.lines("\r\n")
        writer.contentLength(hit.bodyLength)
        writer.endHead()
        if !isHead { writer.write { hit.writeBody(into: &$0) } }
        hit.release()
        answer(writer.buffer)
    }

    /// An answer that was brought into another form.
    private func answer(_ hit: CacheHit, key: CacheKey, body: ByteBuffer, contentType: StaticString) {
        var writer = head(of: hit, key: key, capacity: 512)
        writer.lines("content-type: ")
        writer.lines(contentType)
        writer.lines("\r\n")
        writer.contentLength(body.readableBytes)
        writer.endHead()
        send(writer.buffer)
        ReplayExchange(self, framing: .length(body.readableBytes), events: body).begin()
    }

    private func replay(_ hit: CacheHit, key: CacheKey, _ recording: StreamRecording, includesUsage: Bool) {
        var writer = head(of: hit, key: key, capacity: 512)
        writer.lines("content-type: ")
        writer.write { $0.writeString(hit.contentType) }
        writer.lines("\r\n")
        let events = recording.replay(includesUsage: includesUsage)
        writer.contentLength(events.readableBytes)
        writer.endHead()
        send(writer.buffer)
        let framing = BodyFraming.length(events.readableBytes)
        switch worker.service.replay {
        case .fast: ReplayExchange(self, framing: framing, events: events).begin()
        case .recorded:
            let paced = recording.pieces.filter { $0.event.kind != .usage || includesUsage }
            ReplayExchange(self, framing: framing, events: ByteBuffer(), paced: paced.map { ($0.event.gap, $0.raw) })
                .begin()
        }
    }

    /// What stands above every answer from the cache.
    private func head(of hit: CacheHit, key: CacheKey, capacity: Int) -> ResponseWriter {
        var writer = respond(hit.status, capacity: capacity)
        writer.write { buffer in
            hit.cacheStatus.writeLine(to: &buffer)
            buffer.writeStaticString("age: ")
            buffer.writeDecimal(hit.ageSeconds)
            buffer.writeStaticString("\r\nx-litellm-cache-key: ")
            key.withText { _ = buffer.writeBytes($0) }
            buffer.writeStaticString("\r\n")
            worker.writeRequestID(&buffer)
        }
        return writer
    }
}
