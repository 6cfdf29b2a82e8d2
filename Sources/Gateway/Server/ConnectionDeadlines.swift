import NIOCore

/// Decides how long a client's connection may stay as it is, and what happens then.
///
/// It has no clock and no channel: the connection reports events with their time, and asks for a verdict when a
/// deadline passes. A usual request costs only a few stores: times are recorded only where a request was not received
/// whole, and the progress of the answers is examined only when a deadline passes.
struct ConnectionDeadlines {
    /// The event that the connection waits for.
    enum Stage {
        /// It waits for the first byte of a request.
        case idle
        /// It waits for the rest of a head.
        case head
        /// It waits for the rest of a body.
        case body
        /// It waits for an answer to be complete, or for the client to receive what was written of it.
        case answering
        /// It waits for the client to receive the last answer and close the connection.
        case lingering
    }

    /// The progress of the bytes that were written.
    struct Output: Equatable {
        /// How many bytes the client's system has confirmed since the connection was opened.
        var acknowledged: UInt64
        /// Whether some bytes have not been confirmed.
        var isPending: Bool
    }

    enum Verdict: Equatable {
        /// The connection is within its limits. Ask again at that time.
        case wait(until: NIODeadline)
        /// The request was not received in time: answer with status 408 and end the connection.
        case timeOut
        /// Close the connection. The client is owed nothing.
        case close
        /// The client receives nothing: close the connection, whatever has been written to it.
        case drop
    }

    var limits: ServerLimits
    /// Whether no request has begun on the connection.
    private var isFresh = true
    /// Since when nothing has happened.
    private var quietSince: NIODeadline
    /// When the incomplete head began.
    private var headSince: NIODeadline?
    private var body: Body?
    /// When the number of confirmed bytes was last seen to have grown.
    private var progress: (acknowledged: UInt64, at: NIODeadline)?
    /// Since when an ending connection has had nothing more to send.
    private var sentSince: NIODeadline?

    private struct Body {
        var began: NIODeadline
        var lastByte: NIODeadline
        var received: Int
    }

    init(limits: ServerLimits, opened: NIODeadline) {
        self.limits = limits
        self.quietSince = opened
    }

    /// When to ask for the first time.
    var first: NIODeadline { quietSince + limits.headTimeout }

    // MARK: Events

    /// A head was read whole.
    mutating func requestBegan() {
        isFresh = false
        headSince = nil
        body = nil
    }

    /// No request is in progress.
    mutating func becameQuiet(at now: NIODeadline) {
        quietSince = now
    }

    /// A part of a head was received.
    /// - Returns: when to ask.
    mutating func headArrived(at now: NIODeadline) -> NIODeadline {
        let began = headSince ?? (isFresh ? quietSince : now)
        headSince = began
        return began + limits.headTimeout
    }

    /// A part of a body was received, and more is expected.
    /// - Returns: when to ask.
    mutating func bodyArrived(_ bytes: Int, at now: NIODeadline) -> NIODeadline {
        var body = self.body ?? Body(began: now, lastByte: now, received: 0)
        body.lastByte = now
        body.received += bytes
        self.body = body
        return due(body)
    }

    /// The body is read again, after its receiver took no part of it for a while.
    /// - Returns: when to ask.
    mutating func bodyResumed(at now: NIODeadline) -> NIODeadline {
        let body = Body(began: now, lastByte: now, received: 0)
        self.body = body
        return due(body)
    }

    /// An ending connection has handed its last byte to the system.
    mutating func flushed(at now: NIODeadline) {
        sentSince = now
    }

    /// The client currently accepts nothing.
    /// - Returns: when to ask.
    func becameUnwritable(at now: NIODeadline) -> NIODeadline { now + interval }

    // MARK: Verdicts

    /// Whether an idle connection has been so for a while, so that its client is hardly about to send a request.
    func isQuiet(at now: NIODeadline) -> Bool { now - quietSince >= Self.quietTime }

    /// How long after a request, or after it was opened, a connection is taken to be in use.
    private static let quietTime: TimeAmount = .milliseconds(500)

    mutating func look(at now: NIODeadline, _ stage: Stage, _ output: Output) -> Verdict {
        if output.isPending {
            if let progress, progress.acknowledged == output.acknowledged {
                if now - progress.at >= limits.stallTimeout { return .drop }
            } else {
                progress = (output.acknowledged, now)
            }
        } else {
            progress = nil
        }
        switch stage {
        case .idle:
            // The time between requests begins when the client has received the last answer.
            if output.isPending {
                quietSince = now
                return .wait(until: now + interval)
            }
            return later(quietSince + (isFresh ? limits.headTimeout : limits.idleTimeout), now, else: .close)
        case .head:
            return later((headSince ?? now) + limits.headTimeout, now, else: .timeOut)
        case .body:
            return later(body.map(due) ?? now + limits.bodyTimeout, now, else: .timeOut)
        case .answering:
            // While the client accepts nothing, its next request is not read, so that the delay is not the client's.
            if headSince != nil { headSince = now }
            if body != nil { body = Body(began: now, lastByte: now, received: 0) }
            return .wait(until: now + (output.isPending ? interval : min(limits.stallTimeout, limits.idleTimeout)))
        case .lingering:
            if output.isPending {
                sentSince = nil
                return .wait(until: now + min(interval, limits.lingerTimeout))
            }
            let since = sentSince ?? now
            sentSince = since
            return later(since + limits.lingerTimeout, now, else: .close)
        }
    }

    /// How often the progress is examined of a client that has bytes to receive.
    private var interval: TimeAmount { .nanoseconds(max(limits.stallTimeout.nanoseconds / 4, 1_000_000)) }

    private func later(_ due: NIODeadline, _ now: NIODeadline, else verdict: Verdict) -> Verdict {
        due <= now ? verdict : .wait(until: due)
    }

    /// The time by which the next byte must be received, and with it the least rate be reached.
    private func due(_ body: Body) -> NIODeadline {
        let earned = TimeAmount(seconds: Double(body.received) / Double(max(1, limits.bodyRate)))
        return min(body.lastByte + limits.bodyTimeout, body.began + limits.bodyTimeout + earned)
    }
}
