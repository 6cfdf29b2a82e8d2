import Configuration
import Dialects
import NIOCore
import ResponseCache

extension Worker {
    /// Answers from the cache as the client wants it, and gives the hit's memory back.
    ///
    /// - Parameter insists: a stream without its usage serves also where the usage is wanted, since there is nothing better.
    /// - Returns: why that cannot be done, with nothing sent. It is nil where it is done.
    func answer(
        _ connection: Connection,
        from hit: CacheHit,
        _ access: CacheAccess,
        requested: RequestedForm,
        insists: Bool = false
    ) -> CacheMiss? {
        guard hit.bodyLength <= Connection.uncountedAnswer || memory.hasRoom(for: hit.bodyLength) else {
            hit.release()
            connection.answer(.outOfMemory)
            return nil
        }
        let key = access.key
        switch requested.rendering(of: hit, as: access.pass.call.answer.stream, with: document) {
        case .asStored:
            answer(connection, from: hit, key: key)
        case .body(let body, let contentType):
            hit.release()
            connection.send(connection.begin(head(of: hit, key: key, contentType, length: body.readableBytes)))
            ReplayExchange(connection, framing: .length(body.readableBytes), events: body).begin()
        case .replay(let recording):
            hit.release()
            self.replay(recording, of: hit, key: key, includesUsage: requested.includesUsage, to: connection)
        case .withoutUsage where insists:
            guard let recording = StreamRecording(body: hit.body()) else { return .withoutUsage }
            hit.release()
            self.replay(recording, of: hit, key: key, includesUsage: false, to: connection)
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
    private func answer(_ connection: Connection, from hit: CacheHit, key: CacheKey) {
        let length = hit.bodyLength
        var response = connection.begin(head(of: hit, key: key, hit.contentType, length: length), room: length)
        if !connection.isHead { hit.writeBody(into: &response) }
        hit.release()
        connection.answer(response)
    }

    private func replay(
        _ recording: StreamRecording,
        of hit: CacheHit,
        key: CacheKey,
        includesUsage: Bool,
        to connection: Connection
    ) {
        let events = recording.replay(includesUsage: includesUsage)
        let framing = BodyFraming.length(events.readableBytes)
        connection.send(connection.begin(head(of: hit, key: key, hit.contentType, length: events.readableBytes)))
        switch generation.replay {
        case .fast: ReplayExchange(connection, framing: framing, events: events).begin()
        case .recorded:
            let paced = recording.pieces.filter { $0.event.kind != .usage || includesUsage }
            ReplayExchange(
                connection,
                framing: framing,
                events: ByteBuffer(),
                paced: paced.map { ($0.event.gap, $0.raw) }
            )
            .begin()
        }
    }

    /// What stands above every answer from the cache.
    private func head(of hit: CacheHit, key: CacheKey, _ contentType: String, length: Int) -> ResponseHead {
        ResponseHead(
            hit.status,
            .type(contentType),
            framing: .length(length),
            cacheStatus: hit.cacheStatus,
            origin: ResponseHead.Origin(key: key, age: hit.ageSeconds)
        )
    }

    /// Answers with what was cached before, since the model has failed.
    ///
    /// - Returns: false, with nothing sent, where it cannot be had in the form that is wanted.
    func answer(
        _ connection: Connection,
        from kept: KeptAnswer,
        _ access: CacheAccess,
        requested: RequestedForm
    ) -> Bool {
        answer(connection, from: kept.hit(at: instant()), access, requested: requested, insists: true) == nil
    }
}
