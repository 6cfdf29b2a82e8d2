import Configuration
import Dialects
import NIOCore
import ResponseCache

extension Worker {
    /// Answers from the cache in the form that the client wants, and releases the hit.
    ///
    /// - Parameter insists: whether a stream without the usage may be sent to a client that wants the usage, because
    ///   there is nothing better.
    /// - Returns: why the client cannot be answered, in which case nothing was sent. It is nil where the client was
    ///   answered.
    // Inlined, because every hit passes through here, and its parts would be copied.
    @inline(__always)
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
        switch requested.rendering(of: hit, as: access.pass.call.answer.stream, with: document) {
        case .asStored:
            answer(connection, from: hit, access)
        case .body(let body, let contentType):
            hit.release()
            connection.send(
                connection.begin(
                    head(
                        of: hit,
                        access,
                        contentType,
                        length: body.readableBytes,
                        isEventStream: requested.isStream,
                        for: connection
                    )
                )
            )
            ReplayExchange(connection, framing: .length(body.readableBytes), events: body).begin()
        case .replay(let recording):
            hit.release()
            self.replay(recording, of: hit, access, includesUsage: requested.includesUsage, to: connection)
        case .withoutUsage where insists:
            guard let recording = StreamRecording(body: hit.body()) else {
                hit.release()
                return .withoutUsage
            }
            hit.release()
            self.replay(recording, of: hit, access, includesUsage: false, to: connection)
        case .withoutUsage:
            hit.release()
            return .withoutUsage
        case .unusable:
            hit.release()
            return .unreadable(.unknownForm)
        }
        return nil
    }

    /// Sends the head and the body in one buffer. The body is copied once, out of the backend's memory.
    private func answer(_ connection: Connection, from hit: CacheHit, _ access: CacheAccess) {
        let length = hit.bodyLength
        var response = connection.begin(
            head(of: hit, access, hit.contentType, length: length, isEventStream: false, for: connection),
            room: length
        )
        if !connection.isHead { hit.writeBody(into: &response) }
        hit.release()
        connection.answer(response)
    }

    private func replay(
        _ recording: StreamRecording,
        of hit: CacheHit,
        _ access: CacheAccess,
        includesUsage: Bool,
        to connection: Connection
    ) {
        let events = recording.replay(includesUsage: includesUsage)
        let framing = BodyFraming.length(events.readableBytes)
        connection.send(
            connection.begin(
                head(
                    of: hit,
                    access,
                    hit.contentType,
                    length: events.readableBytes,
                    isEventStream: true,
                    for: connection
                )
            )
        )
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

    /// Returns the head of an answer from the cache.
    private func head(
        of hit: CacheHit,
        _ access: CacheAccess,
        _ contentType: String,
        length: Int,
        isEventStream: Bool,
        for connection: Connection
    ) -> ResponseHead {
        connection.note { $0.find(age: hit.ageSeconds, hit.usage) }
        return ResponseHead(
            hit.status,
            .type(contentType),
            framing: .length(length),
            cacheStatus: hit.cacheStatus,
            origin: ResponseHead.Origin(key: access.key, age: hit.ageSeconds),
            isEventStream: isEventStream,
            fields: connection.idFields(access.pass.call.errors.requestIDField)
        )
    }

    /// Answers with the stale answer from the cache, because the model has failed.
    ///
    /// - Returns: whether the answer was sent. It is false, and nothing was sent, where the answer cannot be converted
    ///   to the form that the client wants.
    func answer(
        _ connection: Connection,
        from kept: KeptAnswer,
        _ access: CacheAccess,
        requested: RequestedForm
    ) -> Bool {
        // It may have been purged since it was found.
        guard !access.pass.cache.isPurged(kept, under: access.key) else { return false }
        return answer(connection, from: kept.hit(at: instant()), access, requested: requested, insists: true) == nil
    }
}
