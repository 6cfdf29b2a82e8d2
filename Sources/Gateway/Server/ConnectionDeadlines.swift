import NIOCore

/// How long a client's connection may stay as it is, and what happens then.
///
/// A value without a clock or a channel: the connection says what happened and when, and asks when a deadline passes. Nothing
/// here costs a usual request more than a few stores: times are noted only where a request did not arrive whole, and how much
/// of the answers has been taken is looked at only when a deadline passes.
struct ConnectionDeadlines {
    /// What the connection waits for.
    enum Stage {
        /// The first byte of a request.
        case idle
        /// The rest of a head.
        case head
        /// The rest of a body.
        case body
        /// An answer: for it to be complete, or for the client to take what was written of it.
        case answering
        /// The client to take the last answer and close.
        case lingering
    }

    /// What has become of the bytes that were written.
    struct Output: Equatable {
        /// How many bytes the client's system has confirmed since the connection was opened.
        var acknowledged: UInt64
        /// Whether there are bytes that it has not.
        var isPending: Bool
    }

    enum Verdict: Equatable {
        /// Nothing is wrong; ask again then.
        case wait(until: NIODeadline)
        /// The request did not arrive in time: answer 408 and end the connection.
        case timeOut
        /// Close the connection: nothing is owed to the client.
        case close
        /// The client takes nothing: close the connection, whatever was written to it.
        case drop
    }

    private let limits: ServerLimits
    /// No request has begun on the connection.
    private var isFresh = true
    /// Since when nothing has happened.
    private var quietSince: NIODeadline
    /// When the head that is arriving began.
    private var headSince: NIODeadline?
    private var body: Body?
    /// When the confirmed bytes were last seen to have grown.
    private var progress: (acknowledged: UInt64, at: NIODeadline)?
    /// Since when a connection that ends has had nothing more to send.
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

    /// When to ask first.
    var first: NIODeadline { quietSince + limits.headTimeout }

    // MARK: What happened

    /// A head was read whole.
    mutating func requestBegan() {
        isFresh = false
        headSince = nil
        body = nil
    }

    /// No request is under way.
    mutating func becameQuiet(at now: NIODeadline) {
        quietSince = now
    }

    /// A part of a head arrived.
    /// - Returns: when to ask.
    mutating func headArrived(at now: NIODeadline) -> NIODeadline {
        let began = headSince ?? (isFresh ? quietSince : now)
        headSince = began
        return began + limits.headTimeout
    }

    /// A part of a body arrived, and more is to come.
    /// - Returns: when to ask.
    mutating func bodyArrived(_ bytes: Int, at now: NIODeadline) -> NIODeadline {
        var body = self.body ?? Body(began: now, lastByte: now, received: 0)
        body.lastByte = now
        body.received += bytes
        self.body = body
        return due(body)
    }

    /// A connection that ends has handed its last byte to the system.
    mutating func flushed(at now: NIODeadline) {
        sentSince = now
    }

    /// The client takes nothing at present.
    /// - Returns: when to ask.
    func becameUnwritable(at now: NIODeadline) -> NIODeadline { now + interval }

    // MARK: Whether it is too late

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
            // The time between requests begins when the last answer has been taken.
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
            // While the client takes nothing its next request is not read, which is not the client's delay.
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

    /// How often the progress of a client that has bytes to take is looked at.
    private var interval: TimeAmount { .nanoseconds(max(limits.stallTimeout.nanoseconds / 4, 1_000_000)) }

    private func later(_ due: NIODeadline, _ now: NIODeadline, else verdict: Verdict) -> Verdict {
        due <= now ? verdict : .wait(until: due)
    }

    /// Without a byte for so long, or at less than the least rate.
    private func due(_ body: Body) -> NIODeadline {
        let earned = TimeAmount(seconds: Double(body.received) / Double(max(1, limits.bodyRate)))
        return min(body.lastByte + limits.bodyTimeout, body.began + limits.bodyTimeout + earned)
    }
}
