public import NIOCore

/// When spans are sent to the collector, what follows from its answers, and when spans are given up.
///
/// It is a value without a queue, a connection or a clock: `SpanExporter` reports events and performs the action that is
/// returned, and reports `timerFired` when `timer` has passed. One batch is on its way at a time.
public struct ExportState: Sendable {
    public struct Rules: Sendable, Equatable {
        /// How long spans are collected: `OTEL_BSP_SCHEDULE_DELAY`.
        public var delay = TimeAmount.seconds(5)
        /// How many spans are sent at a time, and sent at once where as many wait: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.
        public var batchSize = 512
        /// How long a batch may take, with all its attempts: `OTEL_EXPORTER_OTLP_TIMEOUT`.
        public var timeout = TimeAmount.seconds(10)
        /// How long the pause before the second attempt is. Each further one is twice as long, and a part of it is random.
        public var firstPause = TimeAmount.seconds(1)
        public var longestPause = TimeAmount.seconds(5)

        /// Makes the rules of OpenTelemetry's specification.
        public init() {}
    }

    public enum Action: Sendable, Equatable {
        case nothing
        /// Take a batch from the queue and send it. The collector has until then to answer.
        case takeAndSend(by: NIODeadline)
        /// Send the batch once more.
        case sendAgain(by: NIODeadline)
        /// Give the batch up, and report `dropped`.
        case drop
        /// Give up the batch, if there is one, and everything that waits. Nothing is sent any more.
        case end
    }

    enum Stage: Equatable {
        /// Spans are collected until then.
        case collecting(until: NIODeadline)
        /// A batch was sent, and must be answered by then.
        case sending(by: NIODeadline)
        /// A batch is to be sent again after a pause.
        case pausing(until: NIODeadline, by: NIODeadline)
        case ended
    }

    private let rules: Rules
    private(set) var stage: Stage
    /// How often the present batch has failed.
    private var failures = 0
    /// By when everything must have ended. It is nil before the gateway stops.
    private var stopsBy: NIODeadline?

    /// Makes the state of an exporter that begins to collect.
    public init(_ rules: Rules, now: NIODeadline) {
        self.rules = rules
        stage = .collecting(until: now + rules.delay)
    }

    /// When `timerFired` is to be called. It is nil once nothing is sent any more.
    public var timer: NIODeadline? {
        switch stage {
        case .collecting(let time), .sending(let time), .pausing(let time, _): time
        case .ended: nil
        }
    }

    /// The time of `timer` has passed.
    ///
    /// - Parameters:
    ///   - queued: how many spans wait.
    ///   - chance: a number in 0..<1.
    public mutating func timerFired(queued: Int, now: NIODeadline, chance: Double) -> Action {
        switch stage {
        case .collecting(let time):
            guard now >= time else { return .nothing }
            return sendNext(isDue: true, queued: queued, now: now)
        case .sending: return failed(mayRepeat: true, now: now, chance: chance)
        case .pausing(let time, let deadline):
            guard now >= time else { return .nothing }
            stage = .sending(by: deadline)
            return .sendAgain(by: deadline)
        case .ended: return .nothing
        }
    }

    /// As many spans wait as are sent at a time.
    public mutating func filled(queued: Int, now: NIODeadline) -> Action {
        guard case .collecting = stage, queued >= rules.batchSize else { return .nothing }
        return sendNext(isDue: true, queued: queued, now: now)
    }

    /// The collector has taken the batch.
    public mutating func succeeded(queued: Int, now: NIODeadline) -> Action {
        guard case .sending = stage else { return .nothing }
        return sendNext(isDue: stopsBy != nil, queued: queued, now: now)
    }

    /// The batch was not taken.
    ///
    /// - Parameters:
    ///   - mayRepeat: whether it may be sent again: the collector answered with 429, 502, 503 or 504, or not at all.
    ///   - retryAfter: how long the collector asks to wait.
    ///   - chance: a number in 0..<1, which is the random part of the pause.
    public mutating func failed(
        mayRepeat: Bool,
        retryAfter: TimeAmount? = nil,
        now: NIODeadline,
        chance: Double
    ) -> Action {
        guard case .sending(let deadline) = stage else { return .nothing }
        // A gateway that stops waits for no collector to recover.
        guard stopsBy == nil else { return end() }
        failures += 1
        let pause = retryAfter ?? pause(chance: chance)
        guard mayRepeat, now + pause < deadline else {
            failures = 0
            stage = .collecting(until: now + rules.delay)
            return .drop
        }
        stage = .pausing(until: now + pause, by: deadline)
        return .nothing
    }

    /// The gateway stops: what waits is sent once, for as long as `limit` allows.
    public mutating func stop(within limit: TimeAmount, queued: Int, now: NIODeadline) -> Action {
        guard stopsBy == nil else { return .nothing }
        let end = now + limit
        stopsBy = end
        switch stage {
        case .collecting: return sendNext(isDue: true, queued: queued, now: now)
        case .sending(let deadline):
            stage = .sending(by: min(deadline, end))
            return .nothing
        case .pausing(_, let deadline):
            stage = .sending(by: min(deadline, end))
            return .sendAgain(by: min(deadline, end))
        case .ended: return .nothing
        }
    }

    private mutating func sendNext(isDue: Bool, queued: Int, now: NIODeadline) -> Action {
        failures = 0
        if let stopsBy {
            guard queued > 0, now < stopsBy else { return end() }
        } else if queued == 0 || !isDue && queued < rules.batchSize {
            stage = .collecting(until: now + rules.delay)
            return .nothing
        }
        let deadline = min(now + rules.timeout, stopsBy ?? .distantFuture)
        stage = .sending(by: deadline)
        return .takeAndSend(by: deadline)
    }

    private mutating func end() -> Action {
        stage = .ended
        return .end
    }

    private func pause(chance: Double) -> TimeAmount {
        let longest = min(rules.longestPause, rules.firstPause * (1 << min(failures - 1, 10)))
        return .nanoseconds(Int64(Double(longest.nanoseconds) * (0.5 + 0.5 * min(max(chance, 0), 1))))
    }
}
