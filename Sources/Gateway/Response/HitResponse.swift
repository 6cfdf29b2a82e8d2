import Configuration
import NIOCore
import ResponseCache

extension Connection {
    /// Answers from the cache as the client wants it, and gives the hit's memory back.
    ///
    /// - Parameter insists: whether a stream without its usage is served even where the usage is wanted, since there is
    ///   nothing better.
    /// - Returns: why the hit cannot be served, with nothing sent. It is nil where the hit is served.
    func answer(_ hit: CacheHit, key: CacheKey, requested: RequestedForm, insists: Bool = false) -> CacheMiss? {
        guard hit.bodyLength <= Self.uncountedAnswer || worker.memory.hasRoom(for: hit.bodyLength) else {
            hit.release()
            answer(.outOfMemory)
            return nil
        }
        switch requested.rendering(of: hit, with: worker.document) {
        case .asStored:
            answer(hit, key: key)
        case .body(let body, let contentType):
            hit.release()
            answer(hit, key: key, body: body, contentType: contentType)
        case .replay(let recording):
            hit.release()
            replay(hit, key: key, recording, includesUsage: requested.includesUsage)
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
        let writer = head(of: hit, key: key)
        writer.contentType(hit.contentType)
        writer.contentLength(hit.bodyLength)
        var response = writer.end(room: hit.bodyLength)
        if !isHead { hit.writeBody(into: &response) }
        hit.release()
        answer(response)
    }

    /// An answer that was brought into another form.
    private func answer(_ hit: CacheHit, key: CacheKey, body: ByteBuffer, contentType: String) {
        let writer = head(of: hit, key: key)
        writer.contentType(contentType)
        writer.contentLength(body.readableBytes)
        send(writer.end())
        ReplayExchange(self, framing: .length(body.readableBytes), events: body).begin()
    }

    private func replay(_ hit: CacheHit, key: CacheKey, _ recording: StreamRecording, includesUsage: Bool) {
        let events = recording.replay(includesUsage: includesUsage)
        let writer = head(of: hit, key: key)
        writer.contentType(hit.contentType)
        writer.contentLength(events.readableBytes)
        send(writer.end())
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
    private func head(of hit: CacheHit, key: CacheKey) -> ResponseWriter {
        let writer = respond(hit.status)
        writer.cacheStatus(hit.cacheStatus)
        writer.field("age", hit.ageSeconds)
        writer.cacheKey(key)
        writer.requestID(worker.requestID())
        return writer
    }
}
